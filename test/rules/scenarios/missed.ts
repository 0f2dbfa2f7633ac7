import type { Scenario } from '../scenario.ts'
import { day, Exporter, expired, hour, minute, renewed, soon, svid, swap, workload } from '../world.ts'

const lifetimes = { '5 min': 5 * minute, '1 h': hour, '24 h': day, '1 y': 365 * day } as const
const exporter = new Exporter()
const web = workload()

/** When 27 % of the time from renewal due to expiry have passed, in all of these scenarios. */
const pageAt = 607

const byLifetime = Object.entries(lifetimes).flatMap(([text, lifetime]): Scenario[] => {
  const stuck = svid(lifetime, 0.27, pageAt)
  const late = svid(lifetime, 0.24, pageAt)
  return [15, 60].flatMap((scrape): Scenario[] => [
    {
      name: `a missed renewal of ${text}, scraped each ${scrape} s, pages at once and not before`,
      scrape,
      series: [...exporter.self(), ...exporter.copy('mounted', web, stuck)],
      moments: [[600], [scrape === 15 ? 615 : 660, soon(web)]],
    },
    {
      name: `a renewal of ${text} on a retry at 24 %, scraped each ${scrape} s, is nobody's page`,
      scrape,
      series: [...exporter.self(), ...exporter.copy('mounted', web, swap(late, pageAt, renewed(late, pageAt)))],
      moments: [[600], [660], [780]],
    },
    {
      name: `an issued copy of ${text} alone, scraped each ${scrape} s, pages as well`,
      scrape,
      series: [...exporter.self(), ...exporter.copy('issued', web, stuck, () => stuck.due)],
      moments: [[600], [scrape === 15 ? 615 : 660, soon(web)]],
    },
  ])
})

const anHour = svid(hour, 0.27, pageAt)
const late = svid(hour, 0.1, pageAt)
const before = workload({ node: 'node-2' })
const earlier = svid(hour, 0.3, pageAt)
const soonExpired = svid(5 * minute, 0.27, pageAt)
const file = workload({ namespace: '', pod: '', volume: '', node: '', issuer: '', file: '/run/svid.pem' })
const machine = new Exporter({ roles: 'standalone' })

/** One missed renewal: when it pages, when it ends. */
export const missed: readonly Scenario[] = [
  {
    name: 'an SVID has not expired half a second before its time',
    series: [...exporter.self(), ...exporter.copy('mounted', workload(), { ...svid(hour, 1, 600), notAfter: 600.5 })],
    moments: [
      [600, soon(workload())],
      [615, soon(workload()), expired(workload())],
    ],
  },
  ...byLifetime,
  {
    name: 'an SVID that is renewed too often is no missed renewal, whichever copy says so',
    series: [
      ...exporter.self(),
      ...exporter.copy('issued', web, late),
      ...exporter.copy('mounted', web, late),
      exporter.problem('renewed_too_often', { ...web, copy: 'issued' }, () => 1),
    ],
    moments: [[600], [615]],
  },
  {
    name: 'a page ends with the renewal',
    series: [...exporter.self(), ...exporter.copy('mounted', web, swap(anHour, 700, renewed(anHour, 700)))],
    moments: [[690, soon(web)], [705]],
  },
  {
    name: 'what has expired says so as well, and both end with the renewal',
    series: [...exporter.self(), ...exporter.copy('mounted', web, swap(soonExpired, 760, renewed(anHour, 760)))],
    moments: [[675, soon(web)], [690, soon(web), expired(web)], [750, soon(web), expired(web)], [765]],
  },
  {
    name: 'the renewal of a configured file pages with its path',
    series: [...machine.self(), ...machine.copy('mounted', file, anHour)],
    moments: [[600], [615, soon(file)]],
    says: [
      {
        at: 615,
        firing: soon(file),
        summary: 'The SVID of /run/svid.pem was not renewed and expires in 14m 28s',
        description:
          'The SVID spiffe://example.org/ns/team-a/sa/web of /run/svid.pem was not renewed and expires in 14m 28s.',
      },
    ],
  },
  {
    name: 'a notification names the workload and the time that is left',
    series: [...exporter.self(), ...exporter.copy('mounted', web, soonExpired)],
    moments: [],
    says: [
      {
        at: 645,
        firing: soon(web),
        summary: 'The SVID of team-a/web-1 (volume spiffe) was not renewed and expires in 35s',
        description:
          'The SVID spiffe://example.org/ns/team-a/sa/web of team-a/web-1 (volume spiffe) on node node-1 was not renewed and expires in 35s. Issuer: ClusterIssuer/spiffe-ca.',
      },
      {
        at: 690,
        firing: expired(web),
        summary: 'The SVID of team-a/web-1 (volume spiffe) has expired',
        description:
          'The SVID spiffe://example.org/ns/team-a/sa/web of team-a/web-1 (volume spiffe) on node node-1 expired 10s ago, so connections of the workload fail. Issuer: ClusterIssuer/spiffe-ca.',
      },
    ],
  },
  {
    name: 'a pod that was on another node before is told of each with its own renewal',
    series: [
      ...exporter.self(),
      ...exporter.copy('mounted', web, anHour),
      ...exporter.copy('mounted', before, earlier),
    ],
    moments: [[615, soon(web), soon(before)]],
    says: [[web, '14m 28s'] as const, [before, '13m 52s'] as const].map(([of, left]) => ({
      at: 615,
      firing: soon(of),
      summary: `The SVID of team-a/web-1 (volume spiffe) was not renewed and expires in ${left}`,
      description: `The SVID spiffe://example.org/ns/team-a/sa/web of team-a/web-1 (volume spiffe) on node ${of.node} was not renewed and expires in ${left}. Issuer: ClusterIssuer/spiffe-ca.`,
    })),
  },
  {
    name: 'a pod that has ended is silent',
    series: [...exporter.self(), ...exporter.copy('mounted', web, swap(anHour, 595, undefined))],
    moments: [[615], [900]],
  },
  {
    name: 'a page ends with its pod',
    series: [...exporter.self(), ...exporter.copy('mounted', web, swap(anHour, 700, undefined))],
    moments: [[690, soon(web)], [705]],
  },
]
