import type { DiagnosesView, Diagnosis } from '../../src/diagnosis/diagnosis.ts'
import {
  nothingOfTrust,
  type AuthorityView,
  type BundleOfTrustDomains,
  type TrustView,
} from '../../src/ledger/trust/view.ts'
import { svidView } from './fakeLedger.ts'

/** Returns diagnoses that never change. */
export function fakeDiagnoses(...diagnoses: readonly Diagnosis[]): DiagnosesView {
  return { all: () => diagnoses, follow: () => () => undefined, trust: () => nothingOfTrust }
}

/** Returns diagnoses of nothing, which have found this of trust. */
export const diagnosesOfTrust = (trust: Partial<TrustView>): DiagnosesView => ({
  ...fakeDiagnoses(),
  trust: () => ({ ...nothingOfTrust, ...trust }),
})

const nobody = { total: 0, trusting: 0, lacking: [] } as const

/** Returns an authority that one of two volumes has, and that has signed one SVID. `given` replaces fields. */
export function authorityView(given: Partial<AuthorityView> = {}): AuthorityView {
  return {
    keyId: 'ab'.repeat(20),
    notBeforeMs: Date.UTC(2026, 10, 22),
    notAfterMs: Date.UTC(2026, 10, 23),
    svids: 1,
    oldestSvidMs: Date.UTC(2026, 10, 22, 12),
    newestSvidMs: Date.UTC(2026, 10, 22, 12),
    lastSvidEndsMs: Date.UTC(2026, 10, 22, 13),
    signs: true,
    holders: { volume: { total: 2, trusting: 1, lacking: ['a/b/c'] }, node: nobody, namespace: nobody },
    refused: undefined,
    ...given,
  }
}

/** Returns copies that are equal. `given` replaces fields. */
export function copiesView(given: Partial<BundleOfTrustDomains> = {}): BundleOfTrustDomains {
  const none = { count: 0, first: [] }
  return {
    ...{ name: 'spiffe-trust', trustDomains: [], namespaces: new Map(), bundle: undefined },
    ...{ current: 3, different: none, unreadable: none, changedMs: 0, areNested: true },
    firstEndMs: Date.UTC(2026, 10, 23),
    ...given,
  }
}

/** Returns the missed renewal of the pod `team-a/web-0`. `given` replaces fields. */
export const diagnosis = (given: Partial<Diagnosis> = {}): Diagnosis =>
  harmless({ impactMs: Date.UTC(2026, 10, 22, 13), ...given })

/** Returns the same, but no connection fails because of it. */
export function harmless(given: Partial<Diagnosis> = {}): Diagnosis {
  return {
    code: 'renewal_missed',
    severity: 'critical',
    key: 'uid-0/tls',
    subject: svidView().labels,
    reason: '',
    sinceMs: Date.UTC(2026, 10, 22, 12, 45),
    evidence: {},
    remedy: 'driver',
    explainedBy: '',
    muted: false,
    ...given,
  }
}
