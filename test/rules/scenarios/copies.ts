import type { Scenario } from '../scenario.ts'
import {
  otherLabels,
  Exporter,
  expired,
  hour,
  renewed,
  soon,
  svid,
  swap,
  warning,
  workload,
  type Workload,
} from '../world.ts'

const exporter = new Exporter()
const web = workload()
const stuck = svid(hour, 0.27, 607)
const fresh = renewed(stuck, 300)
const until = (end: number) => (t: number) => Math.min(t, end)
const lost = () => stuck.due

const second = new Exporter({ instance: 'b:9797' })

const watched = (...series: readonly (readonly ReturnType<Exporter['series']>[])[]) => [
  ...exporter.self(),
  ...series.flat(),
]

/** Two copies of one workload: the mounted one decides where it is known, the issued one where it is not. */
export const twoCopies: readonly Scenario[] = [
  {
    name: 'a workload whose copies are both overdue is one page',
    series: watched(exporter.copy('mounted', web, stuck), exporter.copy('issued', web, stuck, lost)),
    moments: [[600], [615, soon(web)]],
  },
  {
    name: 'an issued copy that is overdue pages nobody while the mounted one is fresh',
    series: watched(exporter.copy('mounted', web, fresh), exporter.copy('issued', web, stuck, lost)),
    moments: [[615], [900]],
  },
  {
    name: 'an issued copy that is overdue pages nobody while the mounted one is newer, though overdue as well',
    series: watched(exporter.copy('mounted', web, svid(hour, 0.27, 907)), exporter.copy('issued', web, stuck, lost)),
    moments: [[630], [900], [915, soon(web)]],
  },
  {
    name: 'a mounted copy that is overdue pages although a fresh one was issued',
    series: watched(exporter.copy('mounted', web, stuck), exporter.copy('issued', web, fresh), [
      exporter.series('spiffe_svid_drift', { ...web, cause: 'mount_stale' }, (t) => (t < 310 ? undefined : 1)),
    ]),
    moments: [[600], [615, soon(web), warning('SVIDMountStale', { ...web })]],
  },
  {
    name: 'a mounted copy that is overdue pages although a fresh one was issued, also before svidwatch calls it stale',
    series: watched(exporter.copy('mounted', web, stuck), exporter.copy('issued', web, fresh)),
    moments: [[600], [615, soon(web)], [1200, soon(web)]],
  },
  {
    name: 'the issued copy stands in for a mounted one that nobody sees any more',
    series: watched(exporter.copy('mounted', web, stuck, until(590)), exporter.copy('issued', web, stuck, lost)),
    moments: [[600], [615, soon(web)]],
  },
  {
    name: 'the mounted copy takes over from the issued one once it is seen again, and ends the page if it is fresh',
    series: watched(
      exporter.copy('mounted', web, swap(stuck, 700, fresh), (t) => (t < 700 ? 590 : t)),
      exporter.copy('issued', web, stuck, lost),
    ),
    moments: [[690, soon(web)], [705]],
  },
  {
    name: 'the mounted copy takes over from the issued one, and the page goes on',
    series: watched(
      exporter.copy('mounted', web, stuck, (t) => (t < 700 ? 590 : t)),
      exporter.copy('issued', web, stuck, lost),
    ),
    moments: [
      [690, soon(web)],
      [705, soon(web)],
      [1200, soon(web)],
    ],
  },
  {
    name: 'a fresh SVID, issued after anyone saw the mounted one, ends the page after a quarter of an hour',
    series: watched(
      exporter.copy('mounted', web, stuck, until(650)),
      exporter.copy('issued', web, swap(stuck, 700, renewed(stuck, 700)), (t) => (t < 700 ? lost() : t)),
      [exporter.series('spiffe_svid_drift', { ...web, cause: 'another' }, 1)],
    ),
    moments: [[690, soon(web)], [705, soon(web)], [1590, soon(web)], [1605]],
  },
  {
    name: 'a fresh SVID, issued before the mounted one was last seen, does not',
    series: watched(
      exporter.copy('mounted', web, stuck, until(650)),
      exporter.copy('issued', web, swap(stuck, 630, renewed(stuck, 630))),
      [exporter.series('spiffe_svid_drift', { ...web, cause: 'mount_stale' }, (t) => (t < 640 ? undefined : 1))],
    ),
    moments: [
      [690, soon(web)],
      [1200, soon(web), warning('SVIDMountStale', { ...web })],
    ],
  },
  {
    name: 'of two svidwatch, the one that knows the mounted copy decides against one that knows only the issued one',
    series: watched(exporter.copy('issued', web, stuck), second.self(), second.copy('mounted', web, fresh)),
    moments: [[615], [900]],
  },
  {
    name: 'of two svidwatch, the one that knows what was issued last decides against one that knows what has expired',
    series: watched(
      [exporter.problem('expired', { ...web, copy: 'issued' }, () => 500)],
      second.self(),
      second.copy('issued', web, fresh),
    ),
    moments: [[615]],
  },
  {
    name: 'of two svidwatch, the one that knows only the issued copy hides no stale mount',
    series: watched(exporter.copy('mounted', web, stuck), second.self(), second.copy('issued', web, fresh)),
    moments: [[600], [615, soon(web)]],
  },
  {
    name: 'of a mounted and an issued copy that are both overdue, the mounted one tells how much time is left',
    series: watched(
      exporter.copy('mounted', web, svid(hour, 0.6, 607), until(650)),
      exporter.copy('issued', web, svid(hour, 0.22, 607), () => 620),
    ),
    moments: [],
    says: [
      {
        at: 735,
        firing: soon(web),
        summary: 'The SVID of team-a/web-1 (volume spiffe) was not renewed and expires in 5m 52s',
        description:
          'The SVID spiffe://example.org/ns/team-a/sa/web of team-a/web-1 (volume spiffe) on node node-1 was not renewed and expires in 5m 52s. Issuer: ClusterIssuer/spiffe-ca.',
      },
    ],
  },
]

const east = workload({ cluster: 'east' })

/** The same for svidwatch in another cluster. */
const exporterOf = ({ cluster }: Workload) => new Exporter({ cluster, instance: `svidwatch-${cluster}:9797` })

/** What a page says of a workload whose renewal was missed, and of the time that its SVID has left. */
function told(at: number, of: Workload, left: string) {
  const name = of.file || `${of.namespace}/${of.pod} (volume ${of.volume})`
  return {
    at,
    firing: soon(of),
    summary: `The SVID of ${name} was not renewed and ${left}`,
    description: `The SVID ${of.spiffe_id} of ${name} on node ${of.node} was not renewed and ${left}. Issuer: ${of.issuer}.`,
  }
}

/** Two workloads that differ in one label alone are two workloads. */
export const twins: readonly Scenario[] = (Object.keys(otherLabels) as (keyof Workload)[]).flatMap(
  (label): Scenario[] => {
    const twin = { ...east, [label]: otherLabels[label] }
    const [here, there] = [exporterOf(east), exporterOf(twin)]
    const self = [...here.self(), ...(label === 'cluster' ? there.self() : [])]
    const isPlace = !['spiffe_id', 'trust_domain', 'node', 'issuer'].includes(label)
    const pair = (name: string, copies: Scenario['series'], firing: readonly Workload[], at = 630): Scenario => ({
      name: `${name}, which differs in its ${label}`,
      series: [...self, ...copies],
      moments: [[600], [at, ...firing.map(soon)]],
    })
    return [
      ...(['mounted', 'issued'] as const).flatMap((source) => [
        pair(
          `a missed renewal (${source}) beside a workload that was renewed`,
          [...here.copy(source, east, stuck), ...there.copy(source, twin, fresh)],
          // Only the knowledge of its issuer differs: it is one workload, and it was renewed.
          label === 'issuer' ? [] : [east],
        ),
        pair(
          `a missed renewal (${source}) beside another one`,
          [...here.copy(source, east, stuck), ...there.copy(source, twin, stuck)],
          [east, twin],
        ),
      ]),
      ...(label === 'issuer'
        ? []
        : [
            {
              name: `a missed renewal beside an SVID that has expired, which differs in its ${label}`,
              series: [
                ...self,
                ...here.copy('mounted', east, stuck),
                ...there.copy('mounted', twin, svid(hour, 1.1, 600)),
              ],
              moments: [[630, soon(east), soon(twin), expired(twin)]],
              says: [told(630, east, 'expires in 14m 13s'), told(630, twin, 'expired 2m 30s ago')],
            } satisfies Scenario,
          ]),
      ...(isPlace
        ? [
            pair(
              'what was issued and not renewed beside a fresh mounted copy of another workload',
              [...here.copy('issued', east, stuck, lost), ...there.copy('mounted', twin, fresh)],
              [east],
            ),
            pair(
              'what was issued and not renewed, with a mounted copy that nobody sees, beside one that is seen',
              [
                ...here.copy('issued', east, stuck, lost),
                ...here.copy('mounted', east, stuck, () => 590),
                ...there.copy('issued', twin, stuck, lost),
                ...there.copy('mounted', twin, fresh),
              ],
              [east],
            ),
            pair(
              'a mounted copy that nobody sees any more beside another workload for which a fresh one was issued',
              [
                ...here.copy('mounted', east, stuck, () => 590),
                ...here.copy('issued', east, stuck, lost),
                ...there.copy('mounted', twin, stuck, () => 590),
                ...there.copy('issued', twin, swap(stuck, 615, renewed(stuck, 615))),
              ],
              [east],
              1000,
            ),
            {
              name: `a mounted copy that nobody sees any more, and for which a fresh one was issued, beside a stale mount, which differs in its ${label}`,
              series: [
                ...self,
                ...here.copy('mounted', east, stuck, () => 590),
                ...here.copy('issued', east, swap(stuck, 615, renewed(stuck, 615))),
                ...there.copy('mounted', twin, stuck),
                ...there.copy('issued', twin, fresh),
                there.series('spiffe_svid_drift', { ...twin, cause: 'mount_stale' }, 1),
              ],
              moments: [[1000, soon(twin), warning('SVIDMountStale', { ...twin, file: '' })]] as const,
            },
          ]
        : []),
    ]
  },
)
