import { printable } from '../text/printable.ts'
import type { ReadCertificate } from './certificate.ts'
import { keyUsageBits } from './certificateRules.ts'
import type { Period } from './lifetime.ts'
import { issuerOf, nameOf } from './nameOf.ts'
import { forbiddenName } from './nameConstraints.ts'
import { signatureFault } from './signature.ts'
import type { Accepted, Refusal, Refused } from './verdict.ts'

/** As many as in Go. A hostile chain has paths without number. */
const maxCandidates = 100

/** A certificate that may have signed the last one of a path. */
interface Candidate {
  readonly certificate: ReadCertificate
  readonly isAuthority: boolean
}

/**
 * Finds the paths from a leaf to the authorities of a trust bundle (RFC 5280 section 6), in the way of Go: names are compared by their
 * octets, key identifiers only say which candidates come first, and no more than 100 candidates are tried.
 */
export class PathSearch {
  readonly #behind: readonly Candidate[]
  readonly #authorities: readonly Candidate[]
  readonly #paths: Accepted[] = []
  #tried = 0
  #refused: Refused | undefined

  constructor(behind: readonly ReadCertificate[], authorities: readonly ReadCertificate[]) {
    this.#behind = behind.map((certificate) => ({ certificate, isAuthority: false }))
    this.#authorities = authorities.map((certificate) => ({ certificate, isAuthority: true }))
  }

  /** Returns all paths from a leaf, and why there are none: what ended the one that came furthest. */
  from(leaf: ReadCertificate): { readonly paths: readonly Accepted[]; readonly refused: Refused } {
    this.#findFrom([leaf], leaf)
    return { paths: this.#paths, refused: this.#refused ?? unknownAuthority([leaf], leaf, false) }
  }

  /** Finds the paths that go on from these certificates, the leaf first. */
  #findFrom(path: readonly ReadCertificate[], last: ReadCertificate): void {
    const authorities = candidatesFor(last, this.#authorities)
    for (const candidate of [...authorities, ...candidatesFor(last, this.#behind)]) {
      if (this.#tried === maxCandidates) return this.#refuse(tooMany)
      this.#tried += 1
      this.#consider(path, last, candidate)
    }
    this.#refuse(unknownAuthority(path, last, authorities.length > 0))
  }

  #consider(path: readonly ReadCertificate[], last: ReadCertificate, candidate: Candidate): void {
    const { certificate, isAuthority } = candidate
    if (path.slice(1).some((one) => isSame(one, certificate))) return
    const unusable = unusableKey(certificate)
    if (unusable !== undefined) return this.#refuse(unusable)
    const fault = signatureFault(last, certificate)
    if (fault === 'other_key') return
    const refused = fault === undefined ? brokenRule(path, candidate) : wrongSignature(last, fault)
    if (refused !== undefined) return this.#refuse(refused)
    const longer = [...path, certificate]
    if (!isAuthority) return this.#findFrom(longer, certificate)
    this.#paths.push({ authority: certificate.fingerprint, period: commonPeriod(longer.slice(1)) })
  }

  #refuse(refused: Refused): void {
    if (this.#refused === undefined || rank(refused) > rank(this.#refused)) this.#refused = refused
  }
}

/** Returns when all are valid. If there is no such time, the period ends before it begins. */
function commonPeriod(certificates: readonly ReadCertificate[]): Period {
  return {
    notBeforeMs: Math.max(...certificates.map(({ period }) => period.notBeforeMs)),
    notAfterMs: Math.min(...certificates.map(({ period }) => period.notAfterMs)),
  }
}

/** Returns why peers do not use the key of a certificate. Nothing is verified with such a key. */
export function unusableKey(certificate: ReadCertificate): Refused | undefined {
  const { keyProblem } = certificate.rules
  return keyProblem === undefined
    ? undefined
    : { refusal: 'refused_other', detail: `${nameOf(certificate)}: ${keyProblem}` }
}

/** What breaks a rule says more than what is not known. */
const rank = ({ refusal }: Refused): number =>
  refusal === 'unknown_authority' ? 0 : refusal === 'wrong_signature' ? 1 : 2

/** Returns those whose name is that of the issuer. Those with its key identifier come first, those with another one last. */
function candidatesFor({ rules }: ReadCertificate, all: readonly Candidate[]): readonly Candidate[] {
  const order = ({ certificate }: Candidate) => {
    const { subjectKeyId } = certificate.rules
    if (subjectKeyId === rules.authorityKeyId) return 0
    return subjectKeyId === undefined || rules.authorityKeyId === undefined ? 1 : 2
  }
  const named = all.filter(({ certificate: { rules: ca } }) => ca.subject === rules.issuer && ca.key !== '')
  return named.length < 2 ? named : named.toSorted((one, other) => order(one) - order(other))
}

/** Reports whether two certificates are for one CA and its key, as cross-signed ones are. A path has each CA once. */
const isSame = ({ rules: one }: ReadCertificate, { rules: other }: ReadCertificate): boolean =>
  one.subject === other.subject && one.key === other.key && one.namesHex === other.namesHex

function brokenRule(path: readonly ReadCertificate[], { certificate, isAuthority }: Candidate): Refused | undefined {
  const { ca, usage, broken, pathLength } = certificate.rules
  // The names of hostile certificates can be long, so none is read without need.
  const refused = (refusal: Refusal, said: string): Refused => ({ refusal, detail: `${nameOf(certificate)} ${said}` })
  const mayBeOld = isAuthority && ca === 'not_said'
  if (ca !== 'yes' && !mayBeOld) return refused('not_ca', 'is not that of a CA')
  if (usage !== undefined && (usage.bits & keyUsageBits.keyCertSign) === 0)
    return refused('not_ca', 'has no keyCertSign in its key usage')
  if (broken !== undefined) return refused('refused_other', `cannot be used: ${broken}`)
  const between = path.length - 1
  if (pathLength !== undefined && between > pathLength)
    return refused('path_too_long', `allows ${pathLength} CAs below it, and has ${between}`)
  const name = forbiddenIn(path, certificate)
  return name === undefined ? undefined : refused('refused_other', `may not sign for ${name}`)
}

function forbiddenIn(path: readonly ReadCertificate[], certificate: ReadCertificate): string | undefined {
  const { constraints } = certificate.rules
  if (constraints === undefined) return undefined
  for (const { rules } of path) {
    const name = forbiddenName(rules.names, constraints)
    if (name !== undefined) return printable(name, { maxLength: 100 })
  }
  return undefined
}

const tooMany: Refused = {
  refusal: 'unknown_authority',
  detail: `more than ${maxCandidates} certificates have the names of issuers of the chain`,
}

function wrongSignature(signed: ReadCertificate, fault: 'damaged' | 'weak'): Refused {
  const detail =
    fault === 'weak'
      ? `${nameOf(signed)} is signed with MD5 or SHA-1, which peers do not accept`
      : `the signature of ${nameOf(signed)} does not verify with the key that the certificate names`
  return { refusal: 'wrong_signature', detail }
}

/** `isNamed` says whether the trust bundle has the name of the issuer. */
function unknownAuthority(path: readonly ReadCertificate[], last: ReadCertificate, isNamed: boolean): Refused {
  const { authorityKeyId } = last.rules
  const issuer = `${issuerOf(last)}${authorityKeyId === undefined ? '' : `, key identifier ${authorityKeyId.slice(0, 80)}`}`
  const who = path.length === 1 ? 'the leaf' : `certificate ${path.length} of the path`
  const missing = isNamed ? 'this name only with other keys' : 'no certificate with this name'
  return { refusal: 'unknown_authority', detail: `${who} is signed by ${issuer}; the trust bundle has ${missing}` }
}
