import type { Scenario } from '../scenario.ts'
import { otherLabels, day, Exporter, expired, hour, soon, svid, workload, type Workload } from '../world.ts'
import { first } from './issuer.ts'

const ours = workload({ cluster: 'east' })
const here = new Exporter({ cluster: 'east', instance: 'east:9797' })

/** A workload of which svidwatch has left out all series but its problem. */
const besideAnother = (Object.keys(otherLabels) as (keyof Workload)[]).flatMap((label): Scenario[] => {
  const other = { ...ours, [label]: otherLabels[label] }
  const there = label === 'cluster' ? new Exporter({ cluster: 'west', instance: 'west:9797' }) : here
  const known = [...here.self(), ...(here === there ? [] : there.self()), ...here.copy('mounted', ours, first)]
  const left = { ...other, copy: 'mounted' }
  return [
    {
      name: `a missed renewal of which only the problem is exported, beside another one, which differs in its ${label}`,
      series: [...known, there.problem('renewal_missed', left, () => 620)],
      moments: [[630, soon(ours), soon(other)]],
    },
    {
      name: `an SVID that has expired and of which only the problem is exported, beside a missed renewal, which differs in its ${label}`,
      series: [...known, there.problem('expired', left, () => 620)],
      // Only the knowledge of its issuer differs: it is one workload, and its SVID has expired.
      moments: [[630, soon(ours), soon(other), expired(other), ...(label === 'issuer' ? [expired(ours)] : [])]],
    },
  ]
})

const web = workload()
const exporter = new Exporter()
const text = 'The SVID spiffe://example.org/ns/team-a/sa/web of team-a/web-1 (volume spiffe) on node node-1'

/** A workload with two copies, and svidwatch has left out all series of the mounted one but its problem. */
const besideIssued: readonly Scenario[] = [
  {
    name: 'the time of an expired mounted copy of which only the problem is exported is that of its workload',
    series: [
      ...exporter.self(),
      ...exporter.copy('issued', web, svid(day, 1, 500)),
      exporter.problem('expired', { ...web, copy: 'mounted' }, () => 600),
    ],
    moments: [[630, soon(web), expired(web)]],
    says: [
      {
        at: 630,
        firing: expired(web),
        summary: 'The SVID of team-a/web-1 (volume spiffe) has expired',
        description: `${text} expired 30s ago, so connections of the workload fail. Issuer: ClusterIssuer/spiffe-ca.`,
      },
    ],
  },
  {
    name: 'the time of an overdue mounted copy of which only the problem is exported is not known from the issued one',
    series: [
      ...exporter.self(),
      ...exporter.copy('issued', web, svid(hour, 0.27, 607)),
      exporter.problem('renewal_missed', { ...web, copy: 'mounted' }, () => 600),
    ],
    moments: [[630, soon(web)]],
    says: [
      {
        at: 630,
        firing: soon(web),
        summary: 'The SVID of team-a/web-1 (volume spiffe) was not renewed and expires at a time that is not exported',
        description: `${text} was not renewed and expires at a time that is not exported. Issuer: ClusterIssuer/spiffe-ca.`,
      },
    ],
  },
]

/** Series that svidwatch has left out, because there are too many. */
export const leftOut: readonly Scenario[] = [
  ...besideAnother,
  ...besideIssued,
  {
    name: 'a missed renewal beside the same workload of another issuer whose renewal is due',
    series: [
      ...here.self(),
      ...here.copy('mounted', ours, first),
      ...here.copy('mounted', { ...ours, issuer: otherLabels.issuer }, svid(hour, 0.1, 607)),
    ],
    moments: [[630, soon(ours)]],
  },
]
