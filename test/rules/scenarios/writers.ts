import type { Scenario, Series } from '../scenario.ts'
import { day, Exporter, hour, minute, soon, warning, workload, type Svid } from '../world.ts'

const exporter = new Exporter()
const web = workload()
const pageAt = 607

/** Makes the SVID that is obtained at a time. */
type Writer = (obtained: number) => Svid

/** csi-driver-spiffe with an issuer that dates certificates back: a third of the lifetime is left, or it was obtained just now. */
const datedBack =
  (valid: number, back: number): Writer =>
  (obtained) => {
    const [notBefore, notAfter] = [obtained - back, obtained + valid]
    return { notBefore, due: Math.max(obtained, notAfter - (notAfter - notBefore) / 3), notAfter }
  }

/** Any other writer, which renews when so much is left. */
const renewedBefore =
  (valid: number, left: number): Writer =>
  (obtained) => ({ notBefore: obtained, due: obtained + valid - left, notAfter: obtained + valid })

const kinds = {
  'an SVID of 15 min, dated back an hour': datedBack(15 * minute, hour),
  'an SVID of an hour, dated back an hour': datedBack(hour, hour),
  'an SVID of an hour, renewed when 45 % are left': renewedBefore(hour, 0.45 * hour),
  'a certificate of a year, renewed 30 days before': renewedBefore(365 * day, 30 * day),
} as const

/** The SVID of which at `at` so much of the time from renewal due to expiry has passed. */
function overdue(make: Writer, share: number, at: number): Svid {
  const { due, notAfter } = make(0)
  return make(at - Math.round(due + share * (notAfter - due)))
}

const writeTime = 10

/** The SVID at each time, where each is obtained a few seconds after the renewal of the one before was due. */
const renewedInTime = (make: Writer, first: Svid) => {
  const all = [first]
  for (let last = first; last.due < hour; all.push(last)) last = make(last.due + writeTime)
  return (t: number): Svid => all.find(({ due }) => t < due + writeTime) ?? first
}

/** The mounted copy and the issued one, both of the same SVID. */
const both = (at: Svid | ((t: number) => Svid)): readonly Series[] => [
  ...exporter.copy('mounted', web, at),
  ...exporter.copy('issued', web, at),
]
const drift = (from: number) =>
  exporter.series('spiffe_svid_drift', { ...web, cause: 'mount_stale' }, (t) => (t < from ? undefined : 1))

/** Whoever writes SVIDs, and whatever they are dated: a healthy one never pages, a missed renewal always does. */
export const writers: readonly Scenario[] = Object.entries(kinds).flatMap(([name, make]): Scenario[] => {
  const stuck = overdue(make, 0.27, pageAt)
  const late = overdue(make, 0.24, pageAt)
  const next = renewedInTime(make, make(670))
  const until = (end: number) => (t: number) => Math.min(t, end)
  return [
    {
      name: `${name}: renewals in time are nobody's page`,
      series: [...exporter.self(), ...both(renewedInTime(make, overdue(make, 0, 300)))],
      moments: [300, 615, 900, 1200, 1500, 1800, 2400, 3000].map((at) => [at] as const),
    },
    {
      name: `${name}: a renewal on a retry at 24 % is nobody's page`,
      series: [...exporter.self(), ...both((t) => (t < pageAt ? late : make(pageAt)))],
      moments: [[600], [615], [780]],
    },
    ...(['mounted', 'issued'] as const).map((copy) => ({
      name: `${name}: a missed renewal pages, of the ${copy} copy alone`,
      series: [...exporter.self(), ...exporter.copy(copy, web, stuck)],
      moments: [[600], [615, soon(web)]] as const,
    })),
    {
      name: `${name}: a stale mount pages although a newer one was issued`,
      series: [
        ...exporter.self(),
        ...exporter.copy('mounted', web, stuck),
        ...exporter.copy('issued', web, renewedInTime(make, make(stuck.due))),
        drift(500),
      ],
      moments: [[600], [615, soon(web)], [795, soon(web)], [810, soon(web), warning('SVIDMountStale', { ...web })]],
    },
    {
      name: `${name}: a newer one, issued after anyone saw the mounted one, ends the page after a quarter of an hour`,
      series: [
        ...exporter.self(),
        ...exporter.copy('mounted', web, stuck, until(640)),
        ...exporter.copy('issued', web, (t) => (t < 670 ? stuck : next(t))),
      ],
      moments: [[645, soon(web)], [675, soon(web)], [1515, soon(web)], [1590]],
    },
  ]
})
