import type { Scenario } from '../scenario.ts'
import { critical, day, Exporter } from '../world.ts'

const gone = (labels: Readonly<Record<string, string>> = {}) => critical('SvidwatchDown', labels)
const upUntil = (end: number) => (t: number) => (t < end ? 'up' : 'down')
const after = (start: number) => (t: number) => (t < start ? 'down' : 'up')
const brokenFor = (seconds: number) => (t: number) => (t >= 600 && t < 600 + seconds ? 'down' : 'up')

const cluster = (name: string, scrapes: (t: number) => 'up' | 'down' | 'paused', instance = `${name}:9797`) =>
  new Exporter({ cluster: name, instance, scrapes }).self()
const machine = (instance: string, scrapes: (t: number) => 'up' | 'down' | 'paused', name = '') =>
  new Exporter({ cluster: name, instance, roles: 'standalone', scrapes }).self()
const node = (scrapes: (t: number) => 'up' | 'down' | 'paused') =>
  new Exporter({ instance: 'node-1:9797', roles: 'node', scrapes }).self()
const always = () => 'up' as const

/** Targets that differ from that of a machine in one label. */
const others = (['cluster', 'job', 'instance'] as const).map((label) => ({
  label,
  other: { cluster: 'east', job: 'svidwatch', instance: 'vm-1:9797', [label]: 'other' },
}))

/** svidwatch itself is gone. */
export const itself: readonly Scenario[] = [
  {
    name: 'a svidwatch that is gone is told after 5 min',
    series: cluster('', upUntil(600)),
    moments: [[585], [885], [900, gone()]],
  },
  { name: 'a svidwatch that is back after less is not', series: cluster('', brokenFor(285)), moments: [[885], [1200]] },
  {
    name: 'a svidwatch of both roles is one, too',
    series: new Exporter({ roles: 'cluster,node', scrapes: upUntil(600) }).self(),
    moments: [[885], [900, gone()]],
  },
  {
    name: 'a second svidwatch is enough',
    series: [...cluster('', upUntil(600), 'a'), ...cluster('', always, 'b')],
    moments: [[1200]],
  },
  {
    name: 'the svidwatch of another cluster is not',
    series: [...cluster('east', upUntil(600)), ...cluster('west', always)],
    moments: [[1200, gone({ cluster: 'east' })]],
  },
  {
    name: 'node roles alone are not',
    series: [...cluster('', upUntil(600)), ...node(always)],
    moments: [[1200, gone()]],
  },
  {
    name: 'a node role that is gone is not svidwatch',
    series: [...cluster('', always), ...node(upUntil(600))],
    moments: [[1200]],
  },
  { name: 'a svidwatch that never was is told', series: node(always), moments: [[285], [300, gone()]] },
  {
    name: 'a svidwatch that came within 5 min was never missed',
    series: cluster('', after(285)),
    moments: [[300], [900]],
  },
  {
    name: 'a machine whose svidwatch is gone is told, by its name',
    series: [...machine('vm-1:9797', upUntil(600)), ...machine('vm-2:9797', always)],
    moments: [[885], [900, gone({ instance: 'vm-1:9797' })]],
    says: [
      {
        at: 900,
        firing: gone({ instance: 'vm-1:9797' }),
        summary: 'svidwatch on vm-1:9797 is down',
        description: 'For 5 min, no svidwatch on vm-1:9797 has been scraped. Missed renewals are not noticed.',
      },
    ],
  },
  {
    name: 'a machine of the same name in another cluster is another one',
    series: [...machine('vm-1:9797', upUntil(600), 'east'), ...machine('vm-1:9797', always, 'west')],
    moments: [[900, gone({ cluster: 'east', instance: 'vm-1:9797' })]],
  },
  {
    name: 'a machine that is gone from the targets is not missed',
    series: [
      ...machine('vm-2:9797', always),
      ...machine('vm-1:9797', upUntil(600)).map((series) => ({
        ...series,
        at: (t: number) => (t < 600 ? series.at(t) : ('stale' as const)),
      })),
    ],
    moments: [[1200]],
  },
  {
    name: "a target that is down and no svidwatch is nobody's business here",
    series: [...cluster('', always), { name: 'up', labels: { job: 'other', instance: 'other:80' }, at: () => 0 }],
    moments: [[1200]],
  },
  ...others.flatMap(({ label, other }): Scenario[] => [
    {
      name: `a machine whose svidwatch is gone is told, although another target of another ${label} is up`,
      series: [...machine('vm-1:9797', upUntil(600), 'east'), { name: 'up', labels: other, at: () => 1 }],
      moments: [[900, gone({ cluster: 'east', instance: 'vm-1:9797' })]],
    },
    {
      name: `a machine whose svidwatch is up is not told because a target of another ${label} is down`,
      series: [...machine('vm-1:9797', always, 'east'), { name: 'up', labels: other, at: () => 0 }],
      moments: [[900]],
    },
  ]),
  {
    name: 'a cluster without svidwatch for more than a week has none; a machine is missed for a day',
    scrape: 300,
    evaluation: 300,
    series: [...cluster('east', upUntil(600)), ...machine('vm-1:9797', upUntil(600)), ...cluster('west', always)],
    moments: [
      [day, gone({ cluster: 'east' }), gone({ instance: 'vm-1:9797' })],
      [day + 1200, gone({ cluster: 'east' })],
      [7 * day, gone({ cluster: 'east' })],
      [7 * day + 1200],
    ],
  },
  {
    name: 'whatever happens, alerts are evaluated',
    series: [],
    moments: [],
    says: [
      {
        at: 0,
        firing: { alert: 'SvidwatchAlive', severity: 'none', labels: {} },
        summary: 'Alerts of svidwatch are evaluated and delivered',
        description: 'This alert always fires. Its receiver should raise an alarm when it stops arriving.',
      },
    ],
  },
  {
    name: 'none for more than a week is still told, once',
    scrape: 300,
    evaluation: 300,
    series: cluster('east', upUntil(600)),
    moments: [
      [7 * day, gone({ cluster: 'east' })],
      [7 * day + 1200, gone()],
    ],
  },
]
