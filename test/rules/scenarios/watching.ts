import type { Scenario } from '../scenario.ts'
import { critical, day, Exporter, expired, hour, minute, pairs, renewed, soon, svid, swap, workload } from '../world.ts'

const web = workload()
const inEast = workload({ cluster: 'east' })
const stuck = svid(hour, 0.27, 607)
const healthy = swap(stuck, 500, renewed(stuck, 500))
const late = svid(hour, 0.24, 607)
const short = svid(5 * minute, 0.27, 607)

/** A renewal that was missed, as one exporter tells it while something happens to it or to its scrapes. */
const stuckWhile = (exporter: Exporter, of = stuck) => [...exporter.self(), ...exporter.copy('mounted', web, of)]

const during =
  <What>(what: What, from: number, to: number, otherwise: What) =>
  (t: number): What =>
    t >= from && t < to ? what : otherwise

const one = (options: ConstructorParameters<typeof Exporter>[0] = {}) =>
  new Exporter({ ...options, instance: 'a:9797' })
const other = (options: ConstructorParameters<typeof Exporter>[0] = {}) =>
  new Exporter({ ...options, instance: 'b:9797' })

const clocks = [
  ['two minutes ahead of Prometheus', 120, 615],
  ['two minutes behind Prometheus', -120, 735],
] as const

/** Who watches: gaps, restarts, doubles, blindness, clocks. */
export const watching: readonly Scenario[] = [
  {
    name: 'a Prometheus that does not scrape for a while pages nobody for what it does not know',
    series: stuckWhile(one({ scrapes: during('paused', 600, 780, 'up') })),
    moments: [[615], [765], [780, soon(web)]],
  },
  {
    name: "a renewal in such a gap is nobody's page",
    series: (() => {
      const exporter = one({ scrapes: during('paused', 600, 780, 'up') })
      return [...exporter.self(), ...exporter.copy('mounted', web, swap(late, 607, renewed(late, 607)))]
    })(),
    moments: [[675], [765], [900]],
  },
  {
    name: 'a svidwatch that restarts does not end the page, nor begin another',
    series: stuckWhile(one({ scrapes: during('down', 700, 880, 'up') })),
    moments: [
      [690, soon(web)],
      [705, soon(web)],
      [870, soon(web)],
      [900, soon(web)],
    ],
  },
  {
    name: 'a rolling update takes over without a gap',
    series: [
      ...stuckWhile(one({ scrapes: during('up', 0, 700, 'down') })),
      ...stuckWhile(other({ scrapes: during('up', 670, 5000, 'down') })),
    ],
    moments: [
      [690, soon(web)],
      [705, soon(web)],
      [1200, soon(web)],
    ],
  },
  {
    name: 'two svidwatch page once',
    series: [...stuckWhile(one()), ...stuckWhile(other())],
    moments: [[615, soon(web)]],
  },
  {
    name: 'of two svidwatch, the one that knows the newest SVID decides',
    series: [
      ...stuckWhile(one({ blind: [490, Infinity] })),
      ...other().self(),
      ...other().copy('mounted', web, healthy),
    ],
    moments: [[615], [900]],
  },
  {
    name: 'of two svidwatch, the blind one hides no missed renewal',
    series: [...stuckWhile(one({ blind: [490, Infinity] })), ...stuckWhile(other())],
    moments: [[600], [615, soon(web)]],
  },
  {
    name: 'of two svidwatch, one of a restart during the outage hides no missed renewal of what was issued',
    series: [...one().self(), ...one().copy('issued', web, stuck, () => stuck.due), ...other().self()],
    moments: [[600], [615, soon(web)]],
  },
  {
    name: 'a blind svidwatch begins no page of what is mounted, and begins it once it sees',
    series: stuckWhile(one({ blind: [590, 800] })),
    moments: [[615], [795], [810, soon(web)]],
  },
  {
    name: 'a blind svidwatch begins no page of what was issued, and begins it once it sees',
    series: (() => {
      const exporter = one({ blind: [590, 800], blindTo: 'certificateRequests' })
      return [...exporter.self(), ...exporter.copy('issued', web, stuck, () => stuck.due)]
    })(),
    moments: [[615], [795], [810, soon(web)]],
  },
  {
    name: 'a blind svidwatch ends no page',
    series: stuckWhile(one({ blind: [700, Infinity] })),
    moments: [
      [690, soon(web)],
      [1200, soon(web)],
    ],
  },
  {
    name: 'a svidwatch that loses sight of requests before the next bookmark ends no page of what was issued',
    series: (() => {
      const exporter = one({ blind: [630, Infinity], blindTo: 'certificateRequests' })
      return [...exporter.self(), ...exporter.copy('issued', web, stuck)]
    })(),
    moments: [
      [615, soon(web)],
      [1200, soon(web)],
    ],
  },
  ...([10, 30] as const).map((minutes): Scenario => {
    const back = 700 + minutes * minute
    const exporter = one({
      cluster: 'east',
      blind: [630, Infinity],
      blindTo: 'certificateRequests',
      scrapes: during('down', 700, back, 'up'),
    })
    const gone = critical('SvidwatchDown', { cluster: 'east' })
    return {
      name: `what was known is known again after ${minutes} min without a scrape`,
      series: [...exporter.self(), ...exporter.copy('issued', inEast, svid(day, 0.27, 607))],
      moments: [
        [690, soon(inEast)],
        [back - 10, gone],
        [back + 20, gone, soon(inEast)],
      ],
    }
  }),
  {
    name: 'what a blind svidwatch has known pages, also where Prometheus came later',
    series: (() => {
      const exporter = one({ cluster: 'east', blind: [680, Infinity], scrapes: during('paused', 0, 700, 'up') })
      return [...exporter.self(), ...exporter.copy('issued', inEast, stuck)]
    })(),
    moments: [[705, soon(inEast), critical('SvidwatchDown')]],
  },
  {
    name: 'a svidwatch that goes blind just before the page of what was issued begins none',
    series: (() => {
      const exporter = one({ blind: [609, Infinity] })
      return [...exporter.self(), ...exporter.copy('issued', web, svid(hour, 0.27, 610))]
    })(),
    moments: [[600], [615], [900]],
  },
  ...pairs.map(({ label, one: blind, other: seeing }): Scenario => {
    const sightless = new Exporter({ ...blind, blind: [490, Infinity] })
    return {
      name: `what only a blind svidwatch knows is not paged because one that differs in its ${label} sees`,
      series: [
        ...sightless.self(),
        ...new Exporter(seeing).self(),
        ...(['issued', 'mounted'] as const).flatMap((copy) => sightless.copy(copy, inEast, stuck)),
      ],
      moments: [[615], [1200]],
    }
  }),
  {
    name: 'a node role whose heartbeat is a little late is heard',
    series: (() => {
      const exporter = one({ cluster: 'east' })
      return [...exporter.self(), ...exporter.copy('mounted', inEast, short, (t) => t - 12)]
    })(),
    moments: [[600], [615, soon(inEast)]],
  },
  {
    name: 'a node role that has fallen silent is not heard',
    series: (() => {
      const exporter = one()
      return [...exporter.self(), ...exporter.copy('mounted', web, short, (t) => Math.min(t, 590))]
    })(),
    moments: [[600], [615], [645]],
  },
  {
    name: 'a blind svidwatch does not claim that what it does not see has expired',
    series: (() => {
      const exporter = one({ blind: [650, 900] })
      return [...exporter.self(), ...exporter.copy('mounted', web, short)]
    })(),
    moments: [
      [645, soon(web)],
      [885, soon(web)],
      [900, soon(web), expired(web)],
    ],
  },
  ...pairs.flatMap(({ label, one: target, other: next }): Scenario[] =>
    (['issued', 'mounted'] as const).map((source) => {
      const [seeing, sightless] = [new Exporter(target), new Exporter({ ...next, blind: [490, Infinity] })]
      const east = workload({ cluster: 'east' })
      const copies = (by: Exporter) => by.copy(source, east, stuck, source === 'issued' ? () => stuck.due : by.heard)
      return {
        name: `two svidwatch that differ in their ${label} page for what the one that sees knows (${source})`,
        series: [
          ...seeing.self(),
          ...sightless.self(),
          ...copies(seeing),
          ...(label === 'cluster' ? [] : copies(sightless)),
        ],
        moments: [[600], [615, soon(east)]],
      }
    }),
  ),
  ...clocks.flatMap(([text, ahead, pages]): Scenario[] => [
    {
      name: `a svidwatch whose clock is ${text} pages by the slower of both`,
      series: stuckWhile(one({ ahead })),
      moments: [[pages - 15], [pages, soon(web)]],
    },
    {
      name: `a renewal at 24 % is nobody's page where the clock of svidwatch is ${text}`,
      series: [...one({ ahead }).self(), ...one({ ahead }).copy('mounted', web, swap(late, 607, renewed(late, 607)))],
      moments: [[600], [660], [900]],
    },
    {
      name: `what was issued pages by the slower clock where that of svidwatch is ${text}`,
      series: [...one({ ahead }).self(), ...one({ ahead }).copy('issued', web, stuck, () => stuck.due)],
      moments: [[pages - 15], [pages, soon(web)]],
    },
  ]),
  {
    name: 'what has expired by the clock of a svidwatch that is two minutes ahead has not expired before it has by that of Prometheus',
    series: stuckWhile(one({ ahead: 120 }), svid(hour, 0.95, 607)),
    moments: [
      [600, soon(web)],
      [660, soon(web)],
      [675, soon(web), expired(web)],
    ],
  },
  {
    name: 'a Prometheus whose clock is two minutes ahead pages by the clock of svidwatch',
    series: (() => {
      const exporter = one({ ahead: -120 })
      const renewedLate = swap(late, 607 + 120, renewed(late, 607))
      return [...exporter.self(), ...exporter.copy('mounted', web, renewedLate)]
    })(),
    moments: [[615], [720], [735], [900]],
  },
]
