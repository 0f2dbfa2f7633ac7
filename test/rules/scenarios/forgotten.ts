import type { Scenario, Series } from '../scenario.ts'
import { otherLabelsBut, Exporter, expired, hour, soon, svid, workload, type Workload } from '../world.ts'

const stuck = svid(hour, 0.27, 607)
const known = workload({ cluster: 'east' })
const unknown = (of: Workload): Workload => ({ ...of, issuer: '' })
const renamed: Workload = { ...known, issuer: 'ClusterIssuer/renamed' }
const exporterOf = ({ cluster }: Workload, instance = 'a:9797') =>
  new Exporter({ cluster, instance: cluster + instance })
const exporter = exporterOf(known)

/** The missed renewal of a workload, as it is told from one time until another. */
const told = (of: Workload, from: number, to: number, by = exporterOf(of)): readonly Series[] =>
  by.copy('mounted', of, (t) => (t >= from && t < to ? stuck : undefined))
/** Told with its issuer at first, and then, by a svidwatch that was restarted while no request is left, without. */
const forgotten = (of: Workload, from = 640, to = from) => [...told(of, 0, from), ...told(unknown(of), to, Infinity)]

/** A workload whose issuer is not known any more keeps its page: one with other labels would be another one. */
export const forgottenIssuers: readonly Scenario[] = [
  {
    name: 'a svidwatch that does not know the issuer any more does not begin another page',
    series: [...exporter.self(), ...forgotten(known)],
    moments: [
      [630, soon(known)],
      [645, soon(known)],
      [1800, soon(known), expired(known)],
      [2700, soon(known), expired(known)],
    ],
  },
  {
    name: 'a svidwatch that was gone for ten minutes, and does not know the issuer any more, names it as before',
    series: [...exporter.self(), ...forgotten(known, 640, 1240)],
    moments: [[1245, soon(known)]],
  },
  {
    name: 'a svidwatch that was gone for longer, and does not know the issuer any more, names none',
    series: [...exporter.self(), ...forgotten(known, 640, 1640)],
    moments: [[1650, soon(unknown(known)), expired(unknown(known))]],
  },
  {
    name: 'an issuer that has changed is named, and named still when it is not known any more',
    series: [
      ...exporter.self(),
      ...told(known, 0, 640),
      ...told(unknown(renamed), 700, Infinity),
      ...told(renamed, 640, 700),
    ],
    moments: [
      [630, soon(known)],
      [675, soon(renamed)],
      [1200, soon(renamed)],
    ],
  },
  {
    name: 'of two svidwatch, the one that knows the issuer names it',
    series: (() => {
      const other = exporterOf(known, 'b:9797')
      return [
        ...exporter.self(),
        ...other.self(),
        ...told(known, 0, Infinity),
        ...told(unknown(known), 0, Infinity, other),
      ]
    })(),
    moments: [
      [615, soon(known)],
      [630, soon(known)],
    ],
  },
  ...otherLabelsBut('issuer').flatMap(([label, value]): Scenario[] => {
    const twin: Workload = { ...known, issuer: 'ClusterIssuer/other', [label]: value }
    const self = [...exporter.self(), ...(label === 'cluster' ? exporterOf(twin).self() : [])]
    const beside = (name: string, series: readonly Series[], ...paged: readonly Workload[]): Scenario => ({
      name: `a workload whose issuer is not known any more beside ${name}, which differs in its ${label}`,
      series: [...self, ...series],
      moments: [[700, ...paged.map(soon)]],
    })
    return [
      beside('another one', [...forgotten(known), ...forgotten(twin)], known, twin),
      beside('one whose issuer is known', [...forgotten(known), ...told(twin, 0, Infinity)], known, twin),
      beside(
        'one whose issuer never was known',
        [...forgotten(known), ...told(unknown(twin), 0, Infinity)],
        known,
        unknown(twin),
      ),
    ]
  }),
]
