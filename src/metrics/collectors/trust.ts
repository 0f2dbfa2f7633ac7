import { bundleObjectName, holderKinds, type AuthorityView, type HolderKind } from '../../ledger/trust/view.ts'
import type { trustMetrics } from '../catalogue/trust.ts'
import { labelText } from '../labelText.ts'
import type { Collector, Collectors } from '../snapshot.ts'

const kinds = Object.keys(holderKinds) as readonly HolderKind[]

/** Writes one sample for each authority that has a value. */
const forEachAuthority =
  (valueOf: (authority: AuthorityView) => number | undefined): Collector =>
  (samples, snapshot) => {
    for (const { trustDomain, authority } of snapshot.authorities().named) {
      const value = valueOf(authority)
      if (value !== undefined)
        samples.add(labelText(['trust_domain', 'authority'], [trustDomain, authority.keyId]), value)
    }
  }

export const trustCollectors: Collectors<typeof trustMetrics> = {
  spiffe_authority_holders(samples, snapshot) {
    const names = ['trust_domain', 'authority', 'holder', 'trusting']
    for (const { trustDomain, authority } of snapshot.authorities().named)
      for (const kind of kinds) {
        const { total, trusting } = authority.holders[kind]
        const text = (is: string) => labelText(names, [trustDomain, authority.keyId, kind, is])
        samples.add(text('true'), trusting)
        samples.add(text('false'), total - trusting)
      }
  },
  spiffe_authority_svids: forEachAuthority(({ svids }) => svids),
  spiffe_authority_signing: forEachAuthority(({ signs }) => (signs ? 1 : 0)),
  spiffe_authority_not_after_timestamp_seconds: forEachAuthority(({ notAfterMs }) => notAfterMs && notAfterMs / 1000),
  spiffe_authority_refused_pairs: forEachAuthority(({ refused }) => refused?.pairs ?? 0),
  spiffe_trust_bundle_copies(samples, { trust }) {
    for (const { name, current, different, unreadable } of trust.bundles) {
      const text = (state: string) => labelText(['bundle', 'state'], [name, state])
      samples.add(text('current'), current)
      samples.add(text('different'), different.count)
      samples.add(text('unreadable'), unreadable.count)
    }
  },
  spiffe_trust_bundle_first_not_after_timestamp_seconds(samples, { trust }) {
    for (const { name, firstEndMs } of trust.bundles)
      if (firstEndMs !== undefined) samples.add(labelText(['bundle'], [name]), firstEndMs / 1000)
  },
  spiffe_trust_bundle_synced(samples, { ledger }) {
    for (const view of ledger.bundleObjects())
      if (view.synced) samples.add(labelText(['bundle'], [bundleObjectName(view)]), view.synced.is ? 1 : 0)
  },
}
