import type { Scenario, Series } from '../scenario.ts'
import { critical, Exporter, minute, pairs } from '../world.ts'

type Options = NonNullable<ConstructorParameters<typeof Exporter>[0]>

/** A svidwatch whose process is up for the first `up` of every `period` seconds, until it stays up or away. */
function loop(
  options: Options,
  { period = 320, up = 45, until = Infinity, goneFrom = Infinity } = {},
): readonly Series[] {
  const began = (t: number) => Math.min(t, until) - (Math.min(t, until) % period)
  const isUp = (t: number) => t < goneFrom && (t - began(t) < up || t >= until)
  const scrapes = (t: number) => (isUp(t) ? ('up' as const) : ('down' as const))
  return new Exporter({ ...options, began, scrapes }).self()
}
const steady = (options: Options) => loop(options, { until: 0 })

const down = (labels: Readonly<Record<string, string>> = {}) => critical('SvidwatchDown', labels)
const blind = (labels: Readonly<Record<string, string>>) => critical('SvidwatchBlind', labels)
const machine = { instance: 'vm-1:9797', roles: 'standalone' }
const sightless = { blind: [-1, Infinity] } as const
const seesNothing = ['certificateRequests', 'pods'].map((source) => blind({ source }))

/** What a notification says of a svidwatch with these labels. */
function told(labels: Readonly<Record<'cluster' | 'instance', string>>) {
  const { cluster, instance } = labels
  const summary = instance === '' ? 'svidwatch' : `svidwatch on ${instance}`
  const which = `svidwatch ${instance === '' ? 'that exports SVIDs' : `on ${instance}`}${cluster === '' ? '' : ` in ${cluster}`}`
  return {
    hasRestarted: (at: number, times: number) => ({
      at,
      firing: down(labels),
      summary: `${summary} has restarted ${times} times in half an hour`,
      description: `The ${which} has restarted ${times} times in the last half hour. Missed renewals may not be noticed in time.`,
    }),
    isDown: (at: number) => ({
      at,
      firing: down(labels),
      summary: `${summary} is down`,
      description: `For 5 min, no ${which} has been scraped. Missed renewals are not noticed.`,
    }),
  }
}
const unnamed = told({ cluster: '', instance: '' })

/** svidwatch comes and goes: each time too short for anyone to notice. */
export const restarts: readonly Scenario[] = [
  {
    name: 'a svidwatch that is up for 45 s and gone for 275 s, again and again, is told until it stays up',
    series: loop({}, { until: 1600 }),
    moments: [[1290], [1305, down()], [2145, down()], [2745, down()], [2775]],
    // In the half hour before 2145, it was not restarted at 320 s any more.
    says: [1305, 1500, 2145].map((at) => unnamed.hasRestarted(at, 4)),
  },
  {
    name: 'a svidwatch that started again and again and then stays away is told as down after 5 min',
    series: loop({}, { goneFrom: 1330 }),
    moments: [],
    says: [unnamed.hasRestarted(1605, 4), unnamed.isDown(1635)],
  },
  {
    name: 'a svidwatch that starts again every 5 min is told, although it is hardly ever gone',
    series: loop({ roles: 'cluster,node' }, { period: 300, up: 290 }),
    moments: [[1485], [1500, down()], [3600, down()]],
  },
  {
    name: 'a svidwatch that starts again every 10 min is not',
    series: [...loop({}, { period: 600, up: 570 }), ...loop(machine, { period: 600, up: 570 })],
    moments: [[1800], [3600]],
  },
  {
    name: 'a machine whose svidwatch starts again and again is told, by its name and that of its cluster',
    series: [...loop({ ...machine, cluster: 'east' }), ...steady({ ...machine, instance: 'vm-2:9797' })],
    moments: [
      [1290],
      [1305, down({ cluster: 'east', instance: 'vm-1:9797' })],
      [3600, down({ cluster: 'east', instance: 'vm-1:9797' })],
    ],
  },
  (() => {
    const { hasRestarted, isDown } = told({ cluster: '', instance: machine.instance })
    return {
      name: 'a machine whose svidwatch started again and again and then stays away is told as down after 5 min',
      series: loop(machine, { goneFrom: 1330 }),
      moments: [],
      says: [hasRestarted(1500, 4), hasRestarted(1605, 4), isDown(1635)],
    }
  })(),
  {
    name: 'a svidwatch that starts again and again beside one that does not is nobody to wake for',
    series: [...loop({ instance: 'a:9797' }), ...steady({ instance: 'b:9797' })],
    moments: [[1800], [3600]],
  },
  {
    name: 'rollouts one after the other are no restarts',
    series: [1, 2, 3, 4, 5].flatMap((pod) => {
      const isUp = (t: number) => t >= (pod - 1) * 240 && (t < pod * 240 || pod === 5)
      const scrapes = (t: number) => (isUp(t) ? ('up' as const) : ('paused' as const))
      return new Exporter({ instance: `${pod}:9797`, began: () => (pod - 1) * 240, scrapes }).self()
    }),
    moments: [[1200], [1800], [2400]],
  },
  ...pairs.map(({ label, one, other }): Scenario => {
    const stranger = new Exporter(other)
    const began = (t: number) => t - (t % 60)
    return {
      name: `other processes that differ in their ${label} may start as often as they like`,
      series: [
        ...steady(one),
        ...steady({ ...machine, cluster: 'east', job: 'svidwatch' }),
        stranger.series('process_start_time_seconds', {}, began),
        new Exporter({ ...one, ...machine, [label]: 'other' }).series('process_start_time_seconds', {}, began),
      ],
      moments: [[1800]],
    }
  }),
  ...pairs.map(({ label, one, other }): Scenario => ({
    name: `other processes that differ in their ${label} do not count as restarts of one that starts again and again`,
    series: [...loop(one), new Exporter(other).series('process_start_time_seconds', {}, (t) => t - (t % 60))],
    moments: [[1305, down({ cluster: 'east' })]],
    says: [told({ cluster: 'east', instance: '' }).hasRestarted(1305, 4)],
  })),
  {
    name: 'a svidwatch that comes and goes, and sees nothing while it is there, is told as blind as well',
    series: loop(sightless),
    moments: [[585], [600, ...seesNothing], [1290, ...seesNothing], [1305, ...seesNothing, down()]],
  },
  {
    name: 'a svidwatch that comes and goes, and sees its systems while it is there, is not blind',
    series: loop({}, { period: 280, until: 900 }),
    moments: [[600], [900]],
  },
  {
    name: 'a machine that sees its files does not hide others that do not',
    series: [
      ...steady({ ...machine, instance: 'vm-3:9797' }),
      ...steady({ ...machine, cluster: 'west' }),
      ...['vm-1:9797', 'vm-2:9797'].flatMap((instance) => steady({ ...machine, blind: [120, Infinity], instance })),
    ],
    moments: [[1005], [1020, ...['vm-1:9797', 'vm-2:9797'].map((instance) => blind({ source: 'files', instance }))]],
    says: ['vm-1', 'vm-2'].map((name) => ({
      at: 1020,
      firing: blind({ source: 'files', instance: `${name}:9797` }),
      summary: `svidwatch on ${name}:9797 cannot see files`,
      description: `For 15 min, no svidwatch on ${name}:9797 has seen files. Metrics show the last known state. Renewals that are missed from now on may page nobody.`,
    })),
  },
  {
    name: 'a machine that comes and goes, and sees nothing while it is there, is told by its name',
    series: loop({ ...machine, ...sightless }),
    moments: [[600, blind({ source: 'files', instance: 'vm-1:9797' })]],
  },
  ...pairs.map(({ label, one, other }): Scenario => ({
    name: `a svidwatch that is blind beside a machine that differs in its ${label} is told without its name`,
    series: [...steady({ ...one, ...sightless }), ...steady({ ...other, roles: 'standalone' })],
    moments: [[10 * minute, ...seesNothing.map(({ labels }) => blind({ ...labels, cluster: 'east' }))]],
  })),
]
