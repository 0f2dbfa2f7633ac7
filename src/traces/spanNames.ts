/** Every name of a span, and what the span covers. */
export const spanNames = {
  'svid.rotation': 'from the creation of a CertificateRequest to its end: issued, denied or failed',
  'svid.approval': 'from the creation of the request to the decision of an approver',
  'svid.issuance': 'from the approval to the certificate, or to the failure of the issuer',
  'svid.mount': 'from the certificate to the file in the pod; only where a node role sees the files of the node',
  'svid.served':
    'from the file, or from the certificate where nobody sees the file, until a probe saw a server of the pod present it; only where servers are probed',
  'svid.problem': 'from the beginning of a problem to its end',
} as const

export type SpanName = keyof typeof spanNames
