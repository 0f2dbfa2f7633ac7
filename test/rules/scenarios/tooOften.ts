import type { Scenario } from '../scenario.ts'
import { Exporter, issuer, minute, warning, workload, type Workload } from '../world.ts'
import { courses } from './generic.ts'

const exporter = new Exporter()
const firing = (labels: Readonly<Record<string, string>> = {}) => warning('SVIDRenewedTooOften', { issuer, ...labels })
const known = 15 * minute

/** That the SVID of a workload is renewed too often, from the beginning. */
const renewed = (of: Workload, by = exporter) => by.problem('renewed_too_often', of, () => 1)

const web = workload()
const others: readonly Partial<Workload>[] = [
  { spiffe_id: 'spiffe://example.org/ns/team-a/sa/other' },
  { trust_domain: 'other.example' },
  { namespace: 'team-b' },
  { pod: 'web-2' },
  { volume: 'spire' },
  { node: 'node-2' },
]

const example = ', such as team-a/web-1 (volume spiffe),'
const oneNode = ' All of them are on node node-1.'
const why = 'renewed at least three times in a row before a quarter of the time until the expiry had passed.'
const causes =
  ' Either the issuer dates certificates back by so much that their renewal is due at once, or a driver requests new ones without need.'

const summary = `SVIDs of ${issuer} are renewed far too often`
const one = `1 SVID of ${issuer}${example} was ${why}${oneNode}${causes}`

/** SVIDs that are renewed without need: one alert for each issuer. */
export const tooOften: readonly Scenario[] = [
  ...courses({
    name: 'SVIDs that are renewed too often',
    always: exporter.self(),
    told: (labels, at) => [exporter.problem('renewed_too_often', workload(labels), at)],
    trouble: 1,
    calm: 'stale',
    firing,
    for: known,
    keep: 15 * minute,
    by: { cluster: ['', 'east'], issuer: [issuer, 'ClusterIssuer/other'] },
  }),
  ...others.map((other): Scenario => {
    const [label = ''] = Object.keys(other)
    const isElsewhere = label === 'node'
    return {
      name: `two SVIDs that are renewed too often and differ in their ${label} are one alert`,
      series: [...exporter.self(), renewed(web), renewed(workload(other))],
      moments: [[known - 15], [known, firing()]],
      says: [
        {
          at: known,
          firing: firing(),
          summary,
          description: `2 SVIDs of ${issuer}${example} were ${why}${isElsewhere ? '' : oneNode}${causes}`,
        },
      ],
    }
  }),
  {
    name: 'one SVID that is renewed too often, of which two svidwatch tell, is one',
    series: (() => {
      const second = new Exporter({ instance: 'b:9797' })
      return [...exporter.self(), ...second.self(), renewed(web), renewed(web, second)]
    })(),
    moments: [[known, firing()]],
    says: [{ at: known, firing: firing(), summary, description: one }],
  },
  {
    name: 'SVIDs of an issuer that is not known, which are renewed too often, are told as well',
    series: [...exporter.self(), renewed(workload({ issuer: '' }))],
    moments: [[known, firing({ issuer: '' })]],
    says: [
      {
        at: known,
        firing: firing({ issuer: '' }),
        summary: 'SVIDs are renewed far too often',
        description: `1 SVID${example} was ${why}${oneNode}${causes}`,
      },
    ],
  },
  {
    name: 'a restarted svidwatch, which has to see three renewals again, begins no second alert',
    series: [
      ...exporter.self(),
      exporter.problem('renewed_too_often', web, (t) => (t >= 1000 && t < 1600 ? 'stale' : 1)),
    ],
    moments: [
      [990, firing()],
      [1590, firing()],
      [1605, firing()],
      [2100, firing()],
    ],
  },
]
