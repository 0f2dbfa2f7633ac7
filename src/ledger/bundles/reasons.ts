/** Why a bundle endpoint gave no bundle that can be used. Codes are contracts: they are label values. */
export const bundleProblems = {
  unreachable: 'no connection, or it broke',
  timeout: 'no complete answer within 10 s',
  tls_handshake: 'no TLS connection could be agreed on, or the endpoint asks for a client certificate',
  tls_untrusted: 'the certificate does not verify: no authority to trust has signed it, or it is not for a server',
  tls_expired: 'the certificate, or one behind it, is not valid at this time',
  tls_wrong_name: 'https_web: the certificate is for another host',
  tls_not_svid: 'https_spiffe: the certificate is no X.509-SVID',
  tls_wrong_spiffe_id: 'https_spiffe: the certificate has another SPIFFE ID than the one that is configured',
  http_status: 'another HTTP status than 200 or a redirect',
  protocol: 'an answer that is no HTTP/1.1, or is compressed although that was not asked for',
  redirect_refused: 'a redirect to what is no valid URL of a bundle endpoint',
  redirect_loop: 'too many redirects',
  too_large: 'the document is larger than any bundle should be',
  malformed_json: 'the document is no JSON in UTF-8, is nested too deep, or has a member twice',
  malformed_bundle: 'the document is no SPIFFE bundle',
  malformed_authority: 'one of the keys is not what its use promises',
  sequence_regressed: 'an older bundle than the last one',
  no_authorities: 'https_web: the authorities to trust cannot be read',
  no_bootstrap: 'https_spiffe: there is no bundle to begin with, or it cannot be read',
  internal: 'a fault in svidwatch itself',
} as const

export type BundleProblem = keyof typeof bundleProblems
