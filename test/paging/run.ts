import { runFleet, type FleetSpec } from './fleet.ts'
import type { Rules } from './rulesets.ts'
import { score, type Scored } from './score/score.ts'

/** Lets all fleets live and be paged for; while promtool evaluates one, the next one lives. Hands out each when it is done. */
export async function* runAll(rules: Rules, specs: readonly FleetSpec[], jobs: number): AsyncGenerator<Scored> {
  const one = async (spec: FleetSpec): Promise<Scored> => {
    const run = await runFleet(spec, rules.needs)
    const firings = await rules.evaluate(run)
    return score({ ...run, lines: [] }, firings)
  }
  const begin = (spec: FleetSpec): Promise<Scored> => {
    const scored = one(spec)
    // Where another one fails first, nobody waits for it any more.
    scored.catch(() => undefined)
    return scored
  }
  const waiting = specs.values()
  const running: Promise<Scored>[] = waiting.take(jobs).map(begin).toArray()
  for (let next = running.shift(); next; next = running.shift()) {
    yield await next
    const { value } = waiting.next()
    if (value) running.push(begin(value))
  }
}
