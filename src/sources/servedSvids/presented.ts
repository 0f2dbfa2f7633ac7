import type { CaCertificate } from '../../identity/certificate.ts'
import type { SvidProblem } from '../../identity/svidProblems.ts'
import { judgedSvid, type JudgedSvid } from '../../identity/judgedSvid.ts'
import { svidChainFromDer, type X509Svid } from '../../identity/x509Svid.ts'
import type { NoSvid, Presented } from './answer.ts'

const outcomes: Readonly<Record<SvidProblem, NoSvid['outcome']>> = {
  no_uri_san: 'no_spiffe_id',
  many_uri_sans: 'no_spiffe_id',
  invalid_spiffe_id: 'no_spiffe_id',
  no_path: 'no_spiffe_id',
  is_ca: 'malformed_certificate',
  malformed_pem: 'malformed_certificate',
  malformed_certificate: 'malformed_certificate',
}

/** Returns the authorities of a trust domain; undefined if its bundle is not known. */
export type AuthoritiesOf = (trustDomain: string) => readonly CaCertificate[] | undefined

/** Returns the SVID that a server presented, or why its certificate is none. Without a bundle of its trust domain, it is not judged. */
export function svidOf(
  { certificates }: Presented,
  authoritiesOf: AuthoritiesOf,
): JudgedSvid | { readonly svid: X509Svid } | NoSvid {
  const read = svidChainFromDer(certificates)
  if ('problem' in read) return { outcome: outcomes[read.problem], detail: read.detail }
  const authorities = authoritiesOf(read.svid.trustDomain)
  return authorities ? judgedSvid(read, authorities) : { svid: read.svid }
}
