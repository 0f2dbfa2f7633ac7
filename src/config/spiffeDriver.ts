/** The CSI driver name of csi-driver-spiffe, and its default names for the files in a volume. */
export const spiffeDriver = {
  name: 'spiffe.csi.cert-manager.io',
  certificateFile: 'tls.crt',
  bundleFile: 'ca.crt',
} as const
