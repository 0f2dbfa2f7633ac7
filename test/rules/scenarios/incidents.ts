import type { Scenario, Series } from '../scenario.ts'
import { down, Exporter, expired, hour, minute, pairs, renewed, soon, svid, swap, warning, workload } from '../world.ts'
import { bothSoon, first, issued, mounted, outage, pair, scenario, told } from './issuer.ts'

const exporter = new Exporter()
const web = workload()
const [one, other] = pair(web) as [typeof web, typeof web]
const { waits, issuedLast } = told()
const stuck = svid(hour, 0.27, 607)
const healed = swap(stuck, 700, renewed(stuck, 700))

/** The issuer works again from 700 on, and answers all requests at once. */
const backAt = 700
const next = renewed(first, backAt)
const recovered: readonly Series[] = [
  ...issued(web, swap(first, backAt, next), exporter.contact),
  waits((t) => (t < backAt ? first.due : 'stale')),
  issuedLast((t) => (t < backAt ? outage : t)),
]
const stale = (of: typeof web, from: number): Series =>
  exporter.series('spiffe_svid_drift', { ...of, cause: 'mount_stale' }, (t) => (t < from ? undefined : 1))

const staleMount = (of: typeof web) => warning('SVIDMountStale', { ...of })

/** Since when a mount is stale. */
const staleSince = 100

/** A healthy svidwatch beside one that cannot tell, so that what has ended may go on: away, restarted, blind. */
const unsure = {
  away: { scrapes: (t: number) => (t >= 640 && t < 900 ? ('down' as const) : ('up' as const)) },
  restarted: { began: (t: number) => (t < 640 ? -hour : 640) },
  blind: { blind: [640, 900] },
} as const satisfies Readonly<Record<string, ConstructorParameters<typeof Exporter>[0]>>

/** When an alert about what was healed at 700 is seen last, where a svidwatch cannot tell until then. */
const lastSeen: Readonly<Record<keyof typeof unsure, number>> = { away: 885, restarted: 750, blind: 885 }

/** Incidents that follow each other within minutes, and what ends. */
export const incidents: readonly Scenario[] = [
  scenario(
    'a mount that an outage has left dead pages once its driver has had the time to fetch what was issued',
    [
      ...exporter.self(),
      ...exporter.copy('mounted', one, swap(first, 705, next)),
      ...exporter.copy('mounted', other, first),
      ...recovered,
      stale(other, backAt + 10),
    ],
    [690, down()],
    [1065, down(), staleMount(other)],
    [1095, soon(other), staleMount(other)],
    [1800, soon(other), expired(other), staleMount(other)],
  ),
  scenario(
    'a mount that an outage has left dead, and that was dead before, pages at once',
    [
      ...exporter.self(),
      ...mounted(web, first),
      exporter.problem('renewal_missed', { ...other, pod: 'api-1', copy: 'mounted' }, (t) => (t < 720 ? 'stale' : 610)),
      exporter.problem('mount_stale', { ...other, pod: 'api-1', copy: 'mounted' }, () => -600),
      waits(first.due),
      issuedLast(outage),
    ],
    [705, down(), staleMount({ ...other, pod: 'api-1' })],
    [720, down(), soon({ ...other, pod: 'api-1' }), staleMount({ ...other, pod: 'api-1' })],
  ),
  scenario(
    'an alert of a workload that has just begun ends without a notification where its issuer turns out to be down',
    [
      ...exporter.self(),
      ...pair(web).map((of) =>
        exporter.problem('renewal_missed', { ...of, copy: 'mounted' }, (t) => (t < 600 || t >= 630 ? 'stale' : 590)),
      ),
      ...pair(web).map((of) =>
        exporter.problem('renewal_missed', { ...of, copy: 'mounted', explained_by: 'issuer_down' }, (t) =>
          t < 630 ? 'stale' : 590,
        ),
      ),
    ],
    [600, ...bothSoon(web)],
    [615, ...bothSoon(web)],
    [630, down(), ...bothSoon(web)],
  ),
  scenario(
    'an alert of a workload that began 15 s before its issuer turned out to be down ends',
    [
      ...exporter.self(),
      ...pair(web).map((of) =>
        exporter.problem('renewal_missed', { ...of, copy: 'mounted' }, (t) => (t < 615 || t >= 630 ? 'stale' : 590)),
      ),
      ...pair(web).map((of) =>
        exporter.problem('renewal_missed', { ...of, copy: 'mounted', explained_by: 'issuer_down' }, (t) =>
          t < 630 ? 'stale' : 590,
        ),
      ),
    ],
    [615, ...bothSoon(web)],
    [630, down()],
    [900, down()],
  ),
  scenario(
    'the second outage of an issuer is told, and the first one ends before',
    [
      ...exporter.self(),
      ...pair(web).map((of) =>
        exporter.problem('renewal_missed', { ...of, copy: 'mounted', explained_by: 'issuer_down' }, (t) =>
          t < 600 || (t >= 700 && t < 760) ? 'stale' : 590,
        ),
      ),
    ],
    [600, down()],
    [690, down()],
    [705],
    [765, down()],
  ),
  ...Object.entries(unsure).map(([what, options]) => {
    const doubtful = new Exporter({ ...options, instance: 'b:9797' })
    const last = lastSeen[what as keyof typeof unsure]
    return scenario(
      `what is healed while another svidwatch of its cluster is ${what} is told until that one sees, or for 5 min`,
      [...exporter.self(), ...doubtful.self(), ...exporter.copy('mounted', web, healed)],
      [690, soon(web)],
      [last, soon(web)],
      [last + 30],
    )
  }),
  scenario(
    'what is healed while another svidwatch of its cluster is away for long is told for 5 min',
    [
      ...exporter.self(),
      ...new Exporter({ instance: 'b:9797', scrapes: (t) => (t < 690 ? 'up' : 'down') }).self(),
      ...exporter.copy('mounted', web, healed),
    ],
    [960, soon(web)],
    [1005],
  ),
  ...pairs.map(({ label, one: target, other: unlike }) => {
    const sees = new Exporter(target)
    const isAway = new Exporter({ ...unlike, scrapes: (t) => (t < 690 ? 'up' : 'down') })
    const east = workload({ cluster: 'east' })
    return scenario(
      `what is healed while a svidwatch that differs in its ${label} is away`,
      [...sees.self(), ...isAway.self(), ...sees.copy('mounted', east, healed)],
      [690, soon(east)],
      [705, ...(label === 'cluster' ? [] : [soon(east)])],
    )
  }),
  scenario(
    'what is healed while a node role is away ends at once',
    [
      ...exporter.self(),
      ...new Exporter({ instance: 'node-1:9797', roles: 'node', scrapes: (t) => (t < 690 ? 'up' : 'down') }).self(),
      ...exporter.copy('mounted', web, healed),
    ],
    [690, soon(web)],
    [705],
  ),
  scenario(
    'a file of a machine whose svidwatch is restarted keeps its page, which ends with its renewal',
    (() => {
      const file = workload({ namespace: '', pod: '', volume: '', node: '', issuer: '', file: '/run/svid.pem' })
      const machine = new Exporter({
        roles: 'standalone',
        instance: 'vm-1:9797',
        began: (t) => (t < 700 ? -hour : 700),
        scrapes: (t) => (t >= 640 && t < 700 ? 'down' : 'up'),
      })
      const life = (t: number) => (t >= 640 && t < 760 ? undefined : t < 1200 ? stuck : renewed(stuck, 1200))
      return [...machine.self(), ...machine.copy('mounted', file, life)]
    })(),
    ...[630, 660, 705, 750, 765, 1185].map(
      (at) =>
        [
          at,
          soon(workload({ namespace: '', pod: '', volume: '', node: '', issuer: '', file: '/run/svid.pem' })),
        ] as const,
    ),
    [1200],
  ),
  scenario(
    'an SVID of 5 minutes whose mount is dead is told as stale 5 min after it lacks the first one, however often it is renewed',
    (() => {
      // svidwatch was restarted, and does not tell for a moment.
      const tells = (t: number) => (t < staleSince + 10 || (t >= 480 && t < 510) ? ('stale' as const) : staleSince)
      return [...exporter.self(), exporter.problem('mount_stale', { ...web, copy: 'mounted' }, tells)]
    })(),
    [staleSince - 15],
    [staleSince + 5 * minute - 10],
    [staleSince + 5 * minute + 5, staleMount(web)],
    [495, staleMount(web)],
    [900, staleMount(web)],
  ),
]
