import type { Clock } from '../clock.ts'
import type { RenewalRule } from '../identity/renewal.ts'
import type { SourceName } from './sight/observations.ts'

export interface LedgerOptions {
  readonly clock: Clock
  /** The sources that will report. */
  readonly sources: readonly SourceName[]
  /** The most issuers that counts by issuer distinguish. */
  readonly maxIssuers: number
  /** The namespaces that sources watch one by one; undefined if they watch the whole cluster. */
  readonly namespaces?: readonly string[] | undefined
  /** The names of the ConfigMaps that hold trust bundles, each of which is watched by itself. */
  readonly trustBundleNames?: readonly string[]
  /** The names of the agents whose pods are watched. Others are not remembered. */
  readonly agents?: readonly string[]
  /** The configured agents whose volumes hold SVIDs. */
  readonly svidAgents?: readonly string[]
  /** The renewal rules of SVIDs, by CSI driver and by the path of a configured file; `renewalRules.other` for those not named. */
  readonly renewal?: {
    readonly drivers: ReadonlyMap<string, RenewalRule>
    readonly files: ReadonlyMap<string, RenewalRule>
  }
  /** Returns how long a server may take to present a renewed SVID, ms, by the lifetime of the SVID. */
  readonly reloadGraceMs?: ((lifetimeMs: number) => number) | undefined
}

/** A server reloads within a tenth of the lifetime of the SVID, but need not within less than a minute. */
export const defaultReloadGraceMs = (lifetimeMs: number): number => Math.max(lifetimeMs / 10, 60_000)
