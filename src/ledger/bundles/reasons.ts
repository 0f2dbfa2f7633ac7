/** Why a bundle endpoint served no bundle that can be used. Codes are contracts: they are label values. */
export const bundleProblems = {
  unreachable: 'no connection, or the connection broke',
  timeout: 'no complete answer within 10 s',
  tls_handshake: 'no TLS connection could be agreed on, or the endpoint asks for a client certificate',
  tls_untrusted: 'the certificate does not verify: no trusted authority has signed it, or it is not for a server',
  tls_expired: 'the certificate, or one in its chain, is not valid at this time',
  tls_wrong_name: 'https_web: the certificate is for another host',
  tls_not_svid: 'https_spiffe: the certificate is not an X.509-SVID',
  tls_wrong_spiffe_id: 'https_spiffe: the certificate has another SPIFFE ID than the configured one',
  http_status: 'an HTTP status other than 200 or a redirect',
  protocol: 'the answer is not HTTP/1.1, or is compressed although the request did not ask for that',
  redirect_refused:
    'a redirect to a URL that is not valid for a bundle endpoint, or to a host that `redirectHosts` does not list',
  redirect_loop: 'too many redirects',
  too_large: 'the document is larger than any bundle should be',
  malformed_json: 'the document is not JSON in UTF-8, is nested too deep, or has a member twice',
  malformed_bundle: 'the document is not a SPIFFE bundle',
  malformed_authority: 'one of the keys is not valid for its use',
  sequence_regressed: 'the bundle is older than the last one',
  no_authorities: 'https_web: the trusted authorities cannot be read',
  no_bootstrap: 'https_spiffe: there is no bootstrap bundle, or it cannot be read',
  internal: 'a fault in svidwatch itself',
} as const

export type BundleProblem = keyof typeof bundleProblems
