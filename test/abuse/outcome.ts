import type { Observations, Observed } from './observer.ts'

/** What an attack has come to. */
export interface Outcome extends Observations {
  readonly attack: string
  /** What the attacker did. */
  readonly did: string
  /** The most memory of the process meanwhile. */
  readonly peakRssBytes: number
  /** How long its threads were ready to run meanwhile, while other processes had the processors. */
  readonly waitedSeconds: number
  /** How the process has ended; undefined: it has not. */
  readonly end: string | undefined
  /** Whether the process answered again soon after the attack. */
  readonly isRecovered: boolean
}

/** Within this time everybody is answered, whatever others do. */
const limitsMs = { probe: 1000, scrape: 2000 }

/** Returns what must not be, a sentence each. */
export function problemsOf({ probes, scrapes, end, isRecovered }: Outcome): readonly string[] {
  return [
    ...(end === undefined ? [] : [`the process has ended: ${end}`]),
    ...(end === undefined && !isRecovered ? ['the process does not answer after the attack'] : []),
    ...problemsAmong('probe', probes),
    ...problemsAmong('scrape', scrapes),
  ]
}

function problemsAmong(what: keyof typeof limitsMs, { count, longestMs, failures }: Observed): readonly string[] {
  const failed = Array.from(failures, ([failure, times]) => `${times} of ${count} ${what}s failed: ${failure}`)
  const isLate = longestMs > limitsMs[what]
  return [...failed, ...(isLate ? [`a ${what} took ${milliseconds(longestMs)}`] : [])]
}

const columns = [
  ...['attack', 'probes', 'p99', 'longest', 'failed', 'scrapes', 'longest', 'failed'],
  ...['RSS peak', 'waited', 'attacker'],
]

/** Returns the outcomes as a table in Markdown. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const lines = [columns, columns.map(() => '---'), ...outcomes.map(cellsOf)]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function cellsOf({ attack, did, probes, scrapes, peakRssBytes, waitedSeconds, end }: Outcome): readonly string[] {
  return [
    attack,
    ...[String(probes.count), milliseconds(probes.p99Ms), milliseconds(probes.longestMs), String(failedOf(probes))],
    ...[String(scrapes.count), milliseconds(scrapes.longestMs), String(failedOf(scrapes))],
    end ?? `${(peakRssBytes / 2 ** 20).toFixed(0)} MiB`,
    end === undefined ? `${waitedSeconds.toFixed(1)} s` : '',
    did,
  ]
}

const failedOf = ({ failures }: Observed): number => failures.values().reduce((sum, times) => sum + times, 0)

const milliseconds = (ms: number): string => `${ms.toFixed(0)} ms`
