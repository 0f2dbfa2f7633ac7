import { quantity } from '../table.ts'
import { longestPasses, mostFiring, whenFiring, type Measured } from './measured.ts'
import { issuers, scenes, type Scene } from './scene.ts'
import type { RangeSeries } from './watchingPrometheus.ts'

export const goals = {
  /** Of each evaluation of a rule group. */
  passSeconds: 2,
  /** The memory of Prometheus in the outage, divided by that when all is well. */
  rssRatio: 1.2,
  /** Firing alerts of one name. */
  firing: 100,
} as const

/** One line of the table. */
export interface Line {
  readonly figure: string
  readonly cells: Readonly<Record<Scene, string>>
  readonly goal?: string
  /** Whether the goal is reached; undefined without one. */
  readonly isGood?: boolean
}

type Both = Readonly<Record<Scene, Measured>>
type Labels = RangeSeries['metric']

/**
 * Returns the lines of the table. `isFull` tells whether the cluster has the size that the goal for memory is meant for: in a small
 * one, Prometheus itself takes more than its series.
 */
export function linesOf(both: Both, isFull: boolean): readonly Line[] {
  return [...passLines(both), ...healthLines(both), ...memoryLines(both, isFull), ...firingLines(both), ...pages(both)]
}

export const tableOf = (lines: readonly Line[]): string =>
  [
    ['figure', 'all is well', 'outage', 'goal', 'verdict'],
    ['---', '--:', '--:', '---', '---'],
    ...lines.map(({ figure, cells: { well, outage }, goal = '', isGood }) => {
      const verdict = isGood === undefined ? '' : isGood ? 'good' : 'misses the goal'
      return [figure, well, outage, goal, verdict]
    }),
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')

function passLines(both: Both): readonly Line[] {
  const longest = mapScenes((scene) => longestPasses(both[scene].passes))
  const seconds = (value: number) => (value < 1 ? quantity(value * 1000, 'ms') : quantity(value, 's'))
  const groups = [...new Set(scenes.flatMap((scene) => [...longest[scene].keys()]))].toSorted()
  const each = groups.map((group): Line => {
    const values = mapScenes((scene) => longest[scene].get(group) ?? 0)
    return {
      figure: `longest evaluation of ${group}`,
      cells: mapScenes((scene) => seconds(values[scene])),
      goal: `<= ${seconds(goals.passSeconds)}`,
      isGood: scenes.every((scene) => values[scene] <= goals.passSeconds),
    }
  })
  const all = mapScenes((scene) => seconds(Iterator.from(longest[scene].values()).reduce((sum, one) => sum + one, 0)))
  return [...each, { figure: 'the sum of these', cells: all }]
}

function healthLines(both: Both): readonly Line[] {
  const none = (figure: string, value: (measured: Measured) => number): Line => ({
    figure,
    cells: mapScenes((scene) => count(value(both[scene]))),
    goal: 'none',
    isGood: scenes.every((scene) => value(both[scene]) === 0),
  })
  const shares = (value: (measured: Measured) => number) =>
    mapScenes((scene) => quantity(value(both[scene]) * 100, '% of a core'))
  return [
    { figure: 'evaluations of each group', cells: mapScenes((scene) => count(passesOfOne(both[scene]))) },
    none('evaluations left out because the one before was not done', ({ missedPasses }) => missedPasses),
    { figure: 'processor time of Prometheus', cells: shares(({ cpuShare }) => cpuShare) },
    { figure: 'time for which it waited for a processor', cells: shares(({ waitedShare }) => waitedShare) },
    { figure: 'samples in a scrape', cells: mapScenes((scene) => count(both[scene].samplesInScrape)) },
    none('failed scrapes', ({ failedScrapes }) => failedScrapes),
  ]
}

/** The fewest evaluations of one group. */
function passesOfOne({ passes }: Measured): number {
  const byGroup = Map.groupBy(passes, ({ group }) => group)
  return Math.min(...Iterator.from(byGroup.values()).map(({ length }) => length))
}

function memoryLines(both: Both, isFull: boolean): readonly Line[] {
  const megabytes = (value: (measured: Measured) => number) =>
    mapScenes((scene) => quantity(value(both[scene]) / 1e6, 'MB'))
  const ratio = both.outage.rssBytes / both.well.rssBytes
  return [
    {
      figure: 'resident memory of Prometheus, at most',
      cells: megabytes(({ rssBytes }) => rssBytes),
      ...(isFull && { goal: `<= ${goals.rssRatio} times as much`, isGood: ratio <= goals.rssRatio }),
    },
    { figure: 'the same, divided by that when all is well', cells: { well: '1.00', outage: ratio.toFixed(2) } },
    { figure: 'its Go heap at the end, without garbage', cells: megabytes(({ heapBytes }) => heapBytes) },
  ]
}

function firingLines(both: Both): readonly Line[] {
  const most = mapScenes((scene) => mostFiring(both[scene].firing))
  const names = [...new Set(scenes.flatMap((scene) => [...most[scene].keys()]))].toSorted()
  return names.map((name) => {
    const values = mapScenes((scene) => most[scene].get(name) ?? 0)
    return {
      figure: `${name} firing at once, at most`,
      cells: mapScenes((scene) => count(values[scene])),
      goal: `<= ${goals.firing}`,
      isGood: scenes.every((scene) => values[scene] <= goals.firing),
    }
  })
}

/** What must wake someone in the outage, or never. When all is well, nothing may. */
const causes: readonly (readonly [figure: string, goal: 'in the outage' | 'never', (labels: Labels) => boolean])[] = [
  ['pages', 'in the outage', () => true],
  ['pages for the issuer that is down', 'in the outage', isOf('SVIDIssuanceDown', issuers.large)],
  ['pages for the issuer that works', 'never', isOf('SVIDIssuanceDown', issuers.small)],
  ['pages for workloads that nobody renews', 'in the outage', isOf('SVIDExpiringSoon', issuers.small)],
  ['pages for those of them that have expired', 'in the outage', isOf('SVIDExpired', issuers.small)],
]

function isOf(alert: string, issuer: string): (labels: Labels) => boolean {
  return ({ alertname, issuer: of }) => alertname === alert && of === `ClusterIssuer/${issuer}`
}

function pages(both: Both): readonly Line[] {
  return causes.map(([figure, goal, isMeant]) => {
    const isPage = (labels: Labels) => labels['severity'] === 'critical' && isMeant(labels)
    const cells = mapScenes((scene) => whenFiring(both[scene], isPage))
    const expected = goal === 'never' ? 'never' : 'at the end'
    return { figure, cells, goal, isGood: cells.well === 'never' && cells.outage === expected }
  })
}

const mapScenes = <Value>(of: (scene: Scene) => Value): Readonly<Record<Scene, Value>> => ({
  well: of('well'),
  outage: of('outage'),
})

const count = (value: number): string => value.toLocaleString('en')
