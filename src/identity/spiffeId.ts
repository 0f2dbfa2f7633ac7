import { printable } from '../text/printable.ts'
import type { NotAnSvid } from './svidProblems.ts'

/** A valid SPIFFE ID. `path` is '' if the ID names the trust domain itself. */
export interface SpiffeId {
  readonly spiffeId: string
  readonly trustDomain: string
  readonly path: string
}

const scheme = 'spiffe://'
/** The characters of trust domains (SPIFFE-ID section 2.1) and of SPIFFE IDs. `parseSpiffeId` has the other rules. */
export const trustDomainPattern = /^[a-z0-9._-]+$/
export const spiffeIdPattern = /^spiffe:\/\/[a-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/
const maxIdBytes = 2048
const maxTrustDomainBytes = 255

/** Parses a SPIFFE ID, by every rule of SPIFFE-ID section 2. */
export function parseSpiffeId(uri: string): SpiffeId | NotAnSvid<'invalid_spiffe_id'> {
  const invalid = (rule: string) => ({ problem: 'invalid_spiffe_id', detail: `${quoted(uri)}: ${rule}` }) as const

  if (!uri.startsWith(scheme)) return invalid(`does not begin with ${scheme}`)
  const slash = uri.indexOf('/', scheme.length)
  const trustDomain = uri.slice(scheme.length, slash === -1 ? undefined : slash)
  const path = slash === -1 ? '' : uri.slice(slash)

  const broken = brokenTrustDomainRule(trustDomain) ?? brokenPathRule(path)
  if (broken !== undefined) return invalid(broken)
  if (uri.length > maxIdBytes) return invalid(`is longer than ${maxIdBytes} bytes`)
  return { spiffeId: uri, trustDomain, path }
}

/** Reports whether a URI has the scheme of SPIFFE IDs, in any case (RFC 3986 section 3.1). It need not be a valid SPIFFE ID. */
export function isSpiffeUri(uri: string): boolean {
  return /^spiffe:/i.test(uri)
}

export type WorkloadIdProblem = 'no_uri_san' | 'many_uri_sans' | 'invalid_spiffe_id' | 'no_path'

/**
 * Returns the SPIFFE ID of a workload, given all URI SANs of a leaf certificate or a certificate signing request. There must be
 * exactly one (X509-SVID section 2), and its path must not be empty (section 3.1).
 */
export function workloadIdFromUris(uris: readonly string[]): SpiffeId | NotAnSvid<WorkloadIdProblem> {
  const [uri, second] = uris
  if (uri === undefined) return { problem: 'no_uri_san', detail: 'no URI among the subject alternative names' }
  if (second !== undefined) {
    return { problem: 'many_uri_sans', detail: `${uris.length} URIs, among them ${quoted(uri)} and ${quoted(second)}` }
  }
  const id = parseSpiffeId(uri)
  if ('problem' in id || id.path !== '') return id
  return { problem: 'no_path', detail: `${quoted(uri)}: names a trust domain, not a workload` }
}

function brokenTrustDomainRule(name: string): string | undefined {
  if (name === '') return 'has no trust domain'
  if (name.length > maxTrustDomainBytes) return `its trust domain is longer than ${maxTrustDomainBytes} bytes`
  if (!trustDomainPattern.test(name)) return 'its trust domain has characters other than a-z, 0-9, ".", "-" and "_"'
  return undefined
}

function brokenPathRule(path: string): string | undefined {
  if (path === '') return undefined
  if (path.endsWith('/')) return 'its path ends with "/"'
  for (const segment of path.slice(1).split('/')) {
    if (segment === '') return 'its path has an empty segment'
    if (segment === '.' || segment === '..') return 'its path has a "." or ".." segment'
    if (!/^[A-Za-z0-9._-]+$/.test(segment)) return 'its path has characters other than A-Z, a-z, 0-9, ".", "-" and "_"'
  }
  return undefined
}

const maxQuoted = 200

/** Returns a value from outside, quoted for a message: short, and in printable ASCII. */
function quoted(value: string): string {
  return JSON.stringify(printable(value, { as: 'questionMarks', maxLength: maxQuoted }))
}
