import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import type { FleetRun } from './fleet.ts'
import { evaluate, type Firing } from './prometheus/promtool.ts'
import { firingsOf, type Threshold } from './prometheus/thresholds.ts'

/** What pages are compared: those that svidwatch ships, and what people page by today. */
export const rulesets = ['shipped', 'runbook', '21 days', '24 hours'] as const
export type Ruleset = (typeof rulesets)[number]
export type Firings = Readonly<Record<Ruleset, readonly Firing[]>>

/** The rules as shipped. */
export const shippedRules = join(import.meta.dirname, '../../alerts/svidwatch.rules.yaml')
const runbookFile = join(import.meta.dirname, 'baselines.rules.yaml')

const daySeconds = 86_400
const runbook: Threshold = { alertname: 'SVIDExpiringSoon', seconds: daySeconds, forMs: 300_000 }
const within21Days: Threshold = { alertname: 'ExpiresWithin21Days', seconds: 21 * daySeconds, forMs: 0 }
const within24Hours: Threshold = { alertname: 'ExpiresWithin24Hours', seconds: daySeconds, forMs: 0 }

interface RuleFile {
  readonly groups: readonly { readonly rules: readonly object[] }[]
}

/** The rule files in the form in which they are evaluated, and which families they need. */
export class Rules {
  readonly #files: readonly string[]
  readonly #words: ReadonlySet<string>

  /** The shipped rules are evaluated as they are, but for their annotations, which cost time and decide nothing. */
  constructor(shippedFile: string) {
    const shipped = parse(readFileSync(shippedFile, 'utf8')) as RuleFile
    const groups = shipped.groups.map((group) => ({
      ...group,
      rules: group.rules.map((rule) => ({ ...rule, annotations: {} })),
    }))
    const plain = join(mkdtempSync(join(tmpdir(), 'svidwatch-rules-')), 'shipped.yaml')
    writeFileSync(plain, stringify({ groups }))
    this.#files = [plain, runbookFile]
    this.#words = new Set(this.#files.flatMap((file) => readFileSync(file, 'utf8').match(/[a-z_:]+/g) ?? []))
  }

  readonly needs = (family: string): boolean =>
    family === 'spire_svid_expiry_seconds' ||
    family === 'spiffe_problem_since_timestamp_seconds' ||
    [family, `${family}_bucket`, `${family}_count`, `${family}_sum`].some((name) => this.#words.has(name))

  /** Every page of a fleet that begins, under all rules. */
  async evaluate({ lines, prometheusSkewMs }: FleetRun): Promise<Firings> {
    const firings = await evaluate(this.#files, lines.map(withoutThresholds), prometheusSkewMs)
    return {
      shipped: firings.filter(({ labels }) => labels.ruleset === undefined),
      runbook: [...firings.filter(({ labels }) => labels.ruleset === 'runbook'), ...firingsOf(runbook, lines)],
      '21 days': firingsOf(within21Days, lines),
      '24 hours': firingsOf(within24Hours, lines),
    }
  }
}

/** The shipped rules do not need the time left, which is another series for each SVID. */
function withoutThresholds(line: FleetRun['lines'][number]): FleetRun['lines'][number] {
  return {
    ...line,
    columns: new Map([...line.columns].filter(([series]) => !series.startsWith('spire_svid_expiry_seconds{'))),
  }
}
