/** Who asks for an SVID: somebody known, or somebody who names what nobody has ever got an SVID with. */
export type Asker = 'known' | 'foreign trust domain' | 'unknown issuer'

/** What becomes of a request. `reason` is the label that its end must be counted under. */
export type Fate = {
  /** How many of a hundred requests meet it. */
  readonly share: number
  readonly asker: Asker
} & (
  | { readonly end: 'issued'; readonly lies: boolean }
  | { readonly end: 'denied'; readonly objection: string; readonly reason: string }
  | { readonly end: 'failed'; readonly error: string; readonly reason: string }
  /** It is deleted before it has come to an end, so that nothing of it counts. */
  | { readonly end: 'deleted'; readonly approved: boolean }
)

/** Objections and errors are in the words of csi-driver-spiffe's approver and of cert-manager. */
export const fates: readonly Fate[] = [
  { share: 55, asker: 'known', end: 'issued', lies: false },
  { share: 5, asker: 'known', end: 'issued', lies: true },
  {
    share: 6,
    asker: 'known',
    end: 'denied',
    objection: 'unexpected SPIFFE ID requested, exp="spiffe://one.test/ns/a/sa/b" got="spiffe://one.test/ns/a/sa/c"',
    reason: 'denied_spiffe_id',
  },
  {
    share: 4,
    asker: 'known',
    end: 'denied',
    objection: 'requested certificate doesn\'t match required, required="1h0m0s" got=&Duration{Duration:2h0m0s,}',
    reason: 'denied_duration',
  },
  {
    share: 3,
    asker: 'known',
    end: 'denied',
    objection: 'forbidden extensions, DNS=["web.one.test"]',
    reason: 'denied_forbidden_names',
  },
  {
    share: 4,
    asker: 'foreign trust domain',
    end: 'denied',
    objection: 'unexpected trust domain requested, exp="one.test" got="foreign.test"',
    reason: 'denied_trust_domain',
  },
  { share: 6, asker: 'known', end: 'failed', error: 'the CA is not valid any more', reason: 'failed_signing' },
  { share: 3, asker: 'unknown issuer', end: 'failed', error: 'no such key', reason: 'failed_signing' },
  { share: 7, asker: 'known', end: 'deleted', approved: true },
  { share: 7, asker: 'known', end: 'deleted', approved: false },
]

/** The fate of a request for which chance has drawn a number in [0, 1). */
export function fateOf(drawn: number): Fate {
  let rest = drawn * 100
  for (const fate of fates) if ((rest -= fate.share) < 0) return fate
  throw new Error('the shares of the fates make less than a hundred')
}
