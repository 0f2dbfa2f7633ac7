import type { Scenario, Series } from '../scenario.ts'
import { otherLabelsBut, down, Exporter, hour, svid, workload, type Workload } from '../world.ts'
import { first, pair, scenario } from './issuer.ts'

const here = new Exporter()
const other = new Exporter({ instance: 'b:9797' })
const west = new Exporter({ cluster: 'west', instance: 'west:9797' })
const web = workload()

/** An SVID whose renewal is not due for a while. */
const fresh = svid(hour, -0.5, 990)

/** What an issuer that is down explains. */
const codes = ['renewal_missed', 'expired'] as const

/** What a svidwatch tells of two workloads whose issuer is down, as of one copy. */
const explained = (
  copy: 'issued' | 'mounted',
  by: Exporter,
  since: number,
  { muted = '', code = 'renewal_missed' }: { muted?: string; code?: (typeof codes)[number] } = {},
): readonly Series[] =>
  pair(web).map((one) => by.problem(code, { ...one, copy, explained_by: 'issuer_down', muted }, () => since))

/** What two svidwatch know of the workloads whose issuer is down, by the copy that shows that their renewals were missed. */
export const explainedCopies: readonly Scenario[] = (['mounted', 'issued'] as const).flatMap((copy): Scenario[] => {
  const copies = (by: Exporter, at = first, labels: Partial<Workload> = {}) =>
    pair({ ...web, ...labels }).flatMap((one) => by.copy(copy, one, at))
  return [
    scenario(
      `an outage that the ${copy} copies show is told once the renewals were missed by the clock of Prometheus, too`,
      [...here.self(), ...copies(other), ...explained(copy, other, 600)],
      [585],
      [600, down()],
    ),
    scenario(
      `an outage is told where the ${copy} copies have expired by the clock of svidwatch`,
      [...here.self(), ...copies(other), ...explained(copy, other, 900, { code: 'expired' })],
      [600, down()],
    ),
    ...codes.flatMap((code) => [
      scenario(
        `an outage that the ${copy} copies show (${code}), while another svidwatch knows that these are not due, is none`,
        [...here.self(), ...copies(here, fresh), ...explained(copy, other, 300, { code })],
        [600],
      ),
      scenario(
        `an outage that the ${copy} copies show (${code}) pages nobody where all of them are muted`,
        [...here.self(), ...copies(other), ...explained(copy, other, 300, { code, muted: 'true' })],
        [600],
      ),
    ]),
    ...otherLabelsBut('issuer').map(([label, value]) => {
      const there = label === 'cluster' ? west : here
      return scenario(
        `an outage that the ${copy} copies show beside two that are not due and differ in their ${label}`,
        [...there.self(), ...copies(there, fresh, { [label]: value }), ...explained(copy, other, 300)],
        [600, down()],
      )
    }),
  ]
})
