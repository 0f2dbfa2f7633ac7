import type { Judgement } from '../../src/diagnosis/diagnosis.ts'
import { Judge } from '../../src/diagnosis/judge.ts'
import { Exposition } from './exposition.ts'
import { ledgerOf } from './ledger.ts'
import type { Sample, Series } from './scenario.ts'

/** One svidwatch. Times are in seconds; `now` and `requestsKnown` are times of its own clock. */
export interface Svidwatch {
  /** The labels of everything that is scraped from it. */
  readonly target: Readonly<Record<string, string>>
  readonly now: (t: number) => number
  /** Until when it knows the CertificateRequests; undefined if it does not watch them. */
  readonly requestsKnown: (t: number) => number | undefined
  /** The namespace whose problems wake nobody; undefined if there is none. */
  readonly mutedNamespace: string | undefined
  readonly scrapeAt: (t: number) => 'up' | 'down' | 'paused'
}

/** Returns the problems that each svidwatch exports. The real judge finds them in what else each of them exports. */
export function judgedSeries(series: readonly Series[], times: readonly number[]): readonly Series[] {
  return series.flatMap(({ svidwatch }) => (svidwatch ? problemsOf(svidwatch, series, times) : []))
}

function problemsOf(svidwatch: Svidwatch, all: readonly Series[], times: readonly number[]): readonly Series[] {
  const { target, scrapeAt } = svidwatch
  const isOwn = ({ labels }: Series) => Object.entries(target).every(([name, value]) => (labels[name] ?? '') === value)
  const exposition = new Exposition(all.filter(isOwn))
  const judged = judgements(exposition, svidwatch)
  const labelsBy = new Map<string, Series['labels']>()
  const samples = new Map<string, Map<number, number>>()
  for (const t of times.filter((time) => scrapeAt(time) === 'up')) {
    exposition.t = t
    for (const { labels, sinceS } of judged()) {
      const key = JSON.stringify(labels)
      labelsBy.set(key, labels)
      samples.set(key, (samples.get(key) ?? new Map<number, number>()).set(t, sinceS))
    }
  }
  return Array.from(labelsBy, ([key, labels]) => ({
    name: 'spiffe_problem_since_timestamp_seconds',
    labels,
    at: (t: number): Sample => (scrapeAt(t) === 'paused' ? undefined : (samples.get(key)?.get(t) ?? 'stale')),
  }))
}

interface Problem {
  readonly labels: Series['labels']
  readonly sinceS: number
}

/** Returns a function that judges what is exported at present. */
function judgements(exposition: Exposition, svidwatch: Svidwatch): () => readonly Problem[] {
  const nowMs = () => svidwatch.now(exposition.t) * 1000
  const judge = new Judge(ledgerOf(exposition, svidwatch), {
    now: nowMs,
    monotonicMs: () => exposition.t * 1000,
    processorMs: () => 0,
    random: () => 0.5,
    sleep: () => Promise.resolve(),
  })
  let before: ReadonlyMap<string, number> = new Map()
  return () => {
    const judged = judgeAll(judge)
    const sinceMs = judged.map(({ code, key, sinceMs }) => sinceMs ?? before.get(`${code} ${key}`) ?? nowMs())
    before = new Map(judged.map(({ code, key }, index) => [`${code} ${key}`, sinceMs[index] ?? NaN]))
    return judged.map((judgement, index) => ({
      labels: labelsOf(judgement, svidwatch),
      sinceS: (sinceMs[index] ?? NaN) / 1000,
    }))
  }
}

/** Returns all judgements, once they count: a judgement in which an outage begins or ends is made again. */
function judgeAll(judge: Judge): readonly Judgement[] {
  const judged: Judgement[] = []
  const work = judge.judge((judgement) => void judged.push(judgement))
  for (let step = work.next(); ; step = work.next())
    if (step.done === true) return step.value ? judged : judgeAll(judge)
}

function labelsOf(judgement: Judgement, { target }: Svidwatch): Series['labels'] {
  const { code, severity, subject, reason, explainedBy, muted } = judgement
  return { ...subject, ...target, code, severity, reason, explained_by: explainedBy, muted: muted ? 'true' : '' }
}
