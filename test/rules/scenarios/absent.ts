import type { Sample, Scenario, Series } from '../scenario.ts'
import { critical, Exporter, hour, minute, renewed, soon, svid, swap, workload } from '../world.ts'

/** What svidwatch tells of the CertificateRequests: it sees them, it cannot, their CRD was never installed, or nothing. */
type Told = 'up' | 'blind' | 'absent' | 'nothing'

const source = 'certificateRequests'

/** A svidwatch that sees the pods, and tells this of the CertificateRequests. */
function tells(told: (t: number) => Told, exporter = new Exporter()): readonly Series[] {
  const upAt = (t: number): Sample => (({ up: 1, blind: 0, absent: 'stale', nothing: 'stale' }) as const)[told(t)]
  const absentAt = (t: number): Sample => (told(t) === 'nothing' ? 'stale' : Number(told(t) === 'absent'))
  return [
    ...exporter.self().filter(({ labels }) => labels.source !== source),
    exporter.series('svidwatch_source_up', { source }, upAt),
    exporter.series('svidwatch_source_absent', { source }, absentAt),
  ]
}

/** Each of these, from its time on. */
const then =
  (...steps: readonly (readonly [from: number, told: Told])[]) =>
  (t: number): Told =>
    steps.findLast(([from]) => from <= t)?.[1] ?? 'nothing'

/** A svidwatch that is not scraped for a minute before each of these times, because it restarts. */
const restarting = (...times: readonly number[]) =>
  new Exporter({ scrapes: (t) => (times.some((at) => t >= at - minute && t < at) ? 'down' : 'up') })

const blind = critical('SvidwatchBlind', { source })
const web = workload()
const stuck = svid(hour, 0.27, 607)

/** A CRD that was never installed, and one that disappears. */
export const absent: readonly Scenario[] = [
  {
    name: 'a CRD that was never installed wakes nobody, also after a restart',
    series: tells(() => 'absent', restarting(900, 1800)),
    moments: [[600], [1200], [1800], [hour]],
  },
  {
    name: 'nor does it if each process is scraped once before it has looked',
    series: tells(
      then([0, 'blind'], [15, 'absent'], [1200, 'blind'], [1215, 'absent'], [2400, 'blind'], [2415, 'absent']),
      restarting(1200, 2400),
    ),
    moments: [[300], [600], [900], [1200], [1800], [2100], [hour]],
  },
  {
    name: 'a CRD that is installed later and then disappears is told',
    series: tells(then([0, 'absent'], [600, 'up'], [1200, 'blind'])),
    moments: [[1200], [2070], [2085, blind], [hour, blind]],
  },
  {
    name: 'a CRD that disappears while svidwatch restarts is told by the next process, which remembers it',
    series: tells(then([0, 'up'], [660, 'blind']), restarting(660)),
    moments: [[1470], [1485, blind], [hour, blind]],
  },
  {
    name: 'a CRD that disappeared is told until it is back',
    series: tells(then([0, 'blind'], [1200, 'up'])),
    moments: [[585], [600, blind], [1485, blind], [1515]],
  },
  {
    name: 'a CRD that disappeared is told until its source is switched off',
    series: tells(then([0, 'blind'], [1200, 'nothing'])),
    moments: [[585], [600, blind], [1770, blind], [1800]],
  },
  {
    name: 'of two svidwatch, the one that never saw the CRD does not hide that it disappeared',
    series: [
      ...tells(then([0, 'up'], [300, 'blind']), new Exporter({ instance: 'a:9797' })),
      ...tells(() => 'absent', new Exporter({ instance: 'b:9797' })),
    ],
    moments: [[1170], [1185, blind]],
  },
  {
    name: 'what is healed where a CRD was never installed ends at once: nobody is blind there',
    series: [...tells(() => 'absent'), ...new Exporter().copy('mounted', web, swap(stuck, 700, renewed(stuck, 700)))],
    moments: [[690, soon(web)], [705]],
  },
]
