import { hash } from 'node:crypto'
import type { CaCertificate } from '../../identity/certificate.ts'
import type { ServedObservation } from '../../ledger/workloads/observations.ts'
import type { Answer } from './answer.ts'
import { svidOf, type AuthoritiesOf } from './presented.ts'

type Result = ServedObservation['result']

/** What one server presented last. A certificate is parsed and verified again only if it, or the authorities, are others than before. */
export class LastPresented {
  readonly #authoritiesOf: AuthoritiesOf
  /** The SHA-256 of the certificate, lower-case hex. */
  #digest = ''
  #result: Result | undefined
  #authorities: readonly CaCertificate[] | undefined

  constructor(authoritiesOf: AuthoritiesOf) {
    this.#authoritiesOf = authoritiesOf
  }

  /** Reports whether the chain behind a certificate decides what a peer makes of it: without a chain, no authority has signed it. */
  needsChain(leaf: Buffer): boolean {
    if (this.#isKnown(leaf)) return false
    const result = svidOf({ certificates: [leaf] }, this.#authoritiesOf)
    return 'verdict' in result && 'refusal' in result.verdict && result.verdict.refusal === 'unknown_authority'
  }

  /** Returns the result of a probe. */
  resultOf(answer: Answer): Result {
    if ('outcome' in answer) return answer
    const [leaf] = answer.certificates
    if (this.#result !== undefined && this.#isKnown(leaf)) return this.#result
    const result = svidOf(answer, this.#authoritiesOf)
    this.#authorities = 'svid' in result ? this.#authoritiesOf(result.svid.trustDomain) : undefined
    // The same string is not kept twice.
    this.#digest = 'svid' in result ? result.svid.fingerprint : hash('sha256', leaf)
    this.#result = result
    return result
  }

  /** Reports whether the result for a certificate is still that of the last probe. */
  #isKnown(leaf: Buffer): boolean {
    const known = this.#result
    if (known === undefined || hash('sha256', leaf) !== this.#digest) return false
    return !('svid' in known) || this.#authoritiesOf(known.svid.trustDomain) === this.#authorities
  }
}
