/** csi-driver-spiffe: its name, and how it calls the files in a volume unless told otherwise. */
export const spiffeDriver = {
  name: 'spiffe.csi.cert-manager.io',
  certificateFile: 'tls.crt',
  bundleFile: 'ca.crt',
} as const
