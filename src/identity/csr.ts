import 'reflect-metadata' // @peculiar/x509 needs it to be loaded first.
import { BasicConstraintsExtension, Pkcs10CertificateRequest, SubjectAlternativeNameExtension } from '@peculiar/x509'
import { messageOf } from '../errors.ts'
import { workloadIdFromUris } from './spiffeId.ts'
import type { NotAnSvid, SvidProblem } from './svidProblems.ts'

/** What a certificate signing request asks for. */
interface RequestedIdentity {
  readonly spiffeId: string
  readonly trustDomain: string
  /** It asks for a CA certificate. */
  readonly isCa: boolean
}

type CsrProblem = Exclude<SvidProblem, 'is_ca'> | 'csr_unparsable'

const maxLength = 8_192

/**
 * Reads the workload's SPIFFE ID from a PKCS #10 certificate signing request in PEM (RFC 2986). Its signature is not checked:
 * that is the approver's part. Loading this module takes 0.1 s and 20 MB, so only who reads requests should import it.
 */
export function spiffeIdFromCsr(pem: string): RequestedIdentity | NotAnSvid<CsrProblem> {
  if (pem.length > maxLength) return { problem: 'csr_unparsable', detail: `longer than ${maxLength} characters` }
  try {
    const { extensions } = new Pkcs10CertificateRequest(pem)
    const names = extensions.filter((extension) => extension instanceof SubjectAlternativeNameExtension)
    const uris = names.flatMap(({ names: { items } }) => items.filter(({ type }) => type === 'url'))
    const id = workloadIdFromUris(uris.map(({ value }) => value))
    if ('problem' in id) return id
    const isCa = extensions.some((extension) => extension instanceof BasicConstraintsExtension && extension.ca)
    return { spiffeId: id.spiffeId, trustDomain: id.trustDomain, isCa }
  } catch (error) {
    return { problem: 'csr_unparsable', detail: messageOf(error).slice(0, 200) }
  }
}
