import type { Firing, Scenario, Series } from '../scenario.ts'
import { critical, down, Exporter, expired, hour, pairs, renewed, soon, svid, swap, workload } from '../world.ts'
import { pair, scenario } from './issuer.ts'

const cluster = 'east'
const teller = new Exporter({ cluster })
const web = workload({ cluster })
const stuck = svid(hour, 0.27, 607)
const healed = swap(stuck, 700, renewed(stuck, 700))

/** More workloads than have alerts by name. Their SVIDs expire one second after the other. */
const fleet = Array.from({ length: 101 }, (_, index) =>
  workload({ cluster, namespace: 'team-b', pod: `api-${String(index).padStart(3, '0')}` }),
)

/** What all alerts about missed renewals are about, from 600 to 700. */
const trouble: readonly Series[] = [
  ...fleet.map((of, index) =>
    teller.problem('expired', { ...of, copy: 'mounted' }, (t) => (t < 600 || t >= 700 ? 'stale' : 450 + index)),
  ),
  ...pair(web).map((of) =>
    teller.problem('renewal_missed', { ...of, copy: 'mounted', explained_by: 'issuer_down' }, (t) =>
      t < 600 || t >= 700 ? 'stale' : 590,
    ),
  ),
]

const all: readonly Firing[] = [
  down({ cluster }),
  critical('SVIDsExpiringSoon', { cluster }),
  ...fleet.slice(0, 100).flatMap((of) => [soon(of), expired(of)]),
]

/** Pages that go on where svidwatch may not be able to tell whether their trouble has ended, and those that do not. */
export const lastTold: readonly Scenario[] = [
  scenario(
    'what ends while another svidwatch of its cluster is blind for long is told for 5 min',
    [...teller.self(), ...new Exporter({ cluster, instance: 'b:9797', blind: [640, Infinity] }).self(), ...trouble],
    [690, ...all],
    [975, ...all],
    [1005],
  ),
  scenario(
    'what has ended does not come back when svidwatch goes away, and ends although one of another cluster is blind',
    (() => {
      const restarted = new Exporter({ cluster, scrapes: (t) => (t >= 760 && t < 820 ? 'down' : 'up') })
      const blind = new Exporter({ cluster: 'west', blind: [640, 900] })
      return [...restarted.self(), ...blind.self(), ...trouble]
    })(),
    [690, ...all],
    [705],
    [765],
    [810],
    [900],
  ),
  scenario(
    'what is healed while another svidwatch of its cluster does not come back is told until that one was away for 5 min',
    [
      ...teller.self(),
      ...new Exporter({ cluster, instance: 'b:9797', scrapes: (t) => (t < 600 ? 'up' : 'down') }).self(),
      ...teller.copy('mounted', web, healed),
    ],
    [690, soon(web)],
    [870, soon(web)],
    [900],
  ),
  ...pairs.flatMap(({ label, one, other }) => {
    const away = new Exporter({ ...one, scrapes: (t) => (t < 700 ? 'up' : 'down') })
    const sees = new Exporter(one)
    const node = new Exporter({ ...other, roles: 'node', blind: [640, 900] })
    return [
      scenario(
        `a svidwatch that goes away does not end its pages, although one that differs in its ${label} sees`,
        [...away.self(), ...new Exporter(other).self(), ...away.copy('mounted', web, stuck)],
        [690, soon(web)],
        [705, soon(web)],
        [900, soon(web)],
      ),
      scenario(
        `what is healed while a node role that differs in its ${label} is blind ends at once`,
        [...sees.self(), ...node.self(), ...sees.copy('mounted', web, healed)],
        [690, soon(web)],
        [705],
      ),
    ]
  }),
]
