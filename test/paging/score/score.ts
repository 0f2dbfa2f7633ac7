import type { FleetRun } from '../fleet.ts'
import { rulesets, type Firings, type Ruleset } from '../rulesets.ts'
import { faultsOf, type JudgedFaults } from './faults.ts'
import { judge, type Judged } from './tally.ts'
import { pagesOf, type Pages } from './pages.ts'
import { windowsOf } from './windows.ts'
import { issuersOf, type JudgedIssuer } from './issuers.ts'
import { selfOf, type JudgedSelf } from './self.ts'

/** How the rules did with one fleet. */
export interface Scored {
  readonly run: FleetRun
  readonly judged: Readonly<Record<Ruleset, readonly Judged[]>>
  readonly pages: Readonly<Record<Ruleset, Pages>>
  readonly issuers: readonly JudgedIssuer[]
  readonly self: JudgedSelf
  readonly faults: JudgedFaults
}

export function score(run: FleetRun, firings: Firings): Scored {
  const windows = windowsOf(run)
  const each = <Value>(make: (ruleset: Ruleset) => Value) =>
    Object.fromEntries(rulesets.map((ruleset) => [ruleset, make(ruleset)])) as Record<Ruleset, Value>
  const pages = each((ruleset) => pagesOf(run, windows, firings[ruleset]))
  const judged = each((ruleset) => windows.map((window) => judge(window, pages[ruleset])))
  return {
    run,
    judged,
    pages,
    issuers: issuersOf(run, judged.shipped, pages.shipped.ofIssuers),
    self: selfOf(run, pages.shipped.ofSvidwatch),
    faults: faultsOf(run, firings.shipped),
  }
}
