/** Every name of a span, and what the span covers. */
export const spanNames = {
  'svid.rotation': 'from the creation of a CertificateRequest to its end: issued, denied or failed',
  'svid.approval': 'from the creation of the request to the decision of an approver',
  'svid.issuance': 'from the approval to the certificate, or to the failure of the issuer',
  'svid.mount': 'from the certificate to the file in the pod; only where a node role sees the files of the node',
  'svid.problem': 'from the beginning of a problem to its end',
} as const

export type SpanName = keyof typeof spanNames
