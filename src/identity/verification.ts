import { readCertificate, type CaCertificate, type ReadCertificate } from './certificate.ts'
import { keyUsageBits } from './certificateRules.ts'
import { leafRefusal } from './leafRules.ts'
import { nameOf } from './nameOf.ts'
import { PathSearch, unusableKey } from './pathSearch.ts'
import type { Accepted, Refused, Verdict } from './verdict.ts'
import type { SvidChain } from './x509Svid.ts'

/**
 * Returns what SPIFFE peers make of an SVID that svidChainFromPem or svidChainFromDer has read, if they trust these authorities of its trust
 * domain (X509-SVID section 5, RFC 5280 section 6). The work is bounded, whatever the certificates are.
 */
export function verdictOf({ leaf, behind }: SvidChain, authorities: readonly CaCertificate[]): Verdict {
  const read = readCertificate(leaf)
  return (
    [read, ...behind].map(brokenRule).find((refused) => refused !== undefined) ??
    unusableKey(read) ??
    leafRefusal(read.rules) ??
    behind.map(notSigning).find((refused) => refused !== undefined) ??
    pathVerdict(read, behind, authorities)
  )
}

/** A peer has to read all certificates that it gets, also those that are on no path. */
function brokenRule(certificate: ReadCertificate): Refused | undefined {
  const { broken } = certificate.rules
  return broken === undefined ? undefined : { refusal: 'refused_other', detail: `${nameOf(certificate)}: ${broken}` }
}

/** X509-SVID section 4.3 requires the key usage of a signing certificate. go-spiffe does not load a chain without it. */
function notSigning(certificate: CaCertificate): Refused | undefined {
  if (((certificate.rules.usage?.bits ?? 0) & keyUsageBits.keyCertSign) !== 0) return undefined
  return {
    refusal: 'not_ca',
    detail: `${nameOf(certificate)} is behind the leaf and has no key usage with keyCertSign`,
  }
}

function pathVerdict(
  leaf: ReadCertificate,
  behind: readonly CaCertificate[],
  authorities: readonly CaCertificate[],
): Verdict {
  const { fingerprint, period } = leaf
  if (authorities.some((authority) => authority.fingerprint === fingerprint)) return { authority: fingerprint, period }
  const { paths, refused } = new PathSearch(behind, authorities).from(leaf)
  return longest(paths) ?? refused
}

/** Certificates have whole seconds, and are valid in the last one. */
const secondMs = 1000

/** Returns the path that is valid last. Its period begins with that of earlier paths, if there is no gap in between. */
function longest(paths: readonly Accepted[]): Accepted | undefined {
  const [last, ...earlier] = paths.toSorted((one, other) => other.period.notAfterMs - one.period.notAfterMs)
  if (last === undefined) return undefined
  let { notBeforeMs } = last.period
  for (const { period } of earlier)
    if (period.notAfterMs + secondMs >= notBeforeMs) notBeforeMs = Math.min(notBeforeMs, period.notBeforeMs)
  return { ...last, period: { ...last.period, notBeforeMs } }
}
