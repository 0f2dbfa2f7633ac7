/**
 * `npm run bench:smoke`: whether the costs that the bench measures are still what they should be, on any machine. Of nearly all
 * no time is asserted, but what they are in relation to others: what is compared runs in turns in this process, and the least of
 * each counts. The turns of the event loop are held to a time, of the processor, in a world of a fifth of the size that it is
 * meant for. The limits leave room for noise: what exceeds them is a mistake, such as a cost that grows with the square.
 */
import { X509Certificate } from 'node:crypto'
import { systemClock as clock } from '../../src/clock.ts'
import { Ledger } from '../../src/ledger/ledger.ts'
import { projectRequest } from '../../src/sources/certificateRequests/projection.ts'
import { textFrom } from '../support/exposition.ts'
import { leastCostsMs } from './cost.ts'
import { metricsOf, promClientWith } from './expositions.ts'
import { createObservedLedger } from './observedLedger.ts'
import { retainedBytes } from './retained.ts'
import { longestTurns, type LongestTurn } from './turns/longestTurns.ts'
import { Requests, workloadOf } from './workloads.ts'

/** A ratio, or what is told in ms. */
interface Cost {
  readonly what: string
  readonly measured: number
  readonly limit: number
}

const [few, many] = [500, 5_000]
const watched = 20_000
const longestTurnMs = 25

async function scrapeRatios(): Promise<readonly Cost[]> {
  const [small, large] = [await createObservedLedger(clock, few), await createObservedLedger(clock, many)]
  const [ofSmall, ofLarge] = [metricsOf(small, clock), metricsOf(large, clock)]
  const { registry } = promClientWith(await textFrom(ofLarge))
  const [smallMs, largeMs, promClientMs] = await leastCostsMs([
    () => textFrom(ofSmall),
    () => textFrom(ofLarge),
    () => registry.metrics(),
  ])
  return [
    { what: 'a scrape, of what prom-client takes for the same series', measured: largeMs / promClientMs, limit: 0.4 },
    { what: 'a series, of what it takes among a tenth as many', measured: largeMs / smallMs / (many / few), limit: 2 },
  ]
}

/** CertificateRequests as the API server sends them. */
async function createTexts(count: number): Promise<readonly string[]> {
  const requests = await Requests.create(clock.now())
  return Array.from({ length: count }, (_, index) => {
    const workload = workloadOf(index)
    const nowMs = clock.now()
    const pending = requests.pending(workload, nowMs)
    const issued = requests.issued(requests.approved(pending, nowMs), workload, nowMs)
    const metadata = { ...issued.metadata, uid: pending.metadata.name, resourceVersion: String(index + 1) }
    return JSON.stringify({ ...issued, metadata })
  })
}

interface Certified {
  readonly status: { readonly certificate: string }
}

/** What nobody who watches certificates can do without. */
function readBarely(text: string): unknown {
  const object = JSON.parse(text) as Certified
  return new X509Certificate(Buffer.from(object.status.certificate, 'base64')).validToDate
}

function takeIn(texts: readonly string[]): Ledger {
  const ledger = new Ledger({ clock, sources: ['certificateRequests'], maxIssuers: 100 })
  for (const text of texts) {
    const request = projectRequest(JSON.parse(text))?.request
    if (request === undefined) throw new Error('a CertificateRequest is not understood')
    ledger.report({ kind: 'request', change: 'added', listed: false, request })
  }
  return ledger
}

async function intakeRatios(): Promise<readonly Cost[]> {
  const large = await createTexts(many)
  const small = large.slice(0, few)
  const [smallMs, largeMs, barelyMs] = await leastCostsMs([
    () => takeIn(small),
    () => takeIn(large),
    () => large.map(readBarely),
  ])
  const wholeBytes = retainedBytes(() => large.map((text) => JSON.parse(text) as unknown))
  const largeBytes = retainedBytes(() => takeIn(large))
  const smallBytes = retainedBytes(() => takeIn(small))
  return [
    {
      what: 'to take a request in, of what parsing it and its certificate takes',
      measured: largeMs / barelyMs,
      limit: 5,
    },
    {
      what: 'to take a request in, of what it takes among a tenth as many',
      measured: largeMs / smallMs / (many / few),
      limit: 3,
    },
    { what: 'memory for a request, of what keeping it whole takes', measured: largeBytes / wholeBytes, limit: 0.5 },
    {
      what: 'memory for a request, of what it takes among a tenth as many',
      measured: largeBytes / smallBytes / (many / few),
      limit: 1.5,
    },
  ]
}

/** In a process of its own: nothing of this one is in it. */
async function turns(): Promise<readonly Cost[]> {
  const brief = { repeats: 3, commitSeconds: 1, commits: 3, renewalSeconds: 2 }
  const { healthy, waiting } = await longestTurns(watched, brief)
  const costOf = (state: string, all: readonly LongestTurn[]) =>
    all.map(({ what, ownMs }) => ({ what: `ms of a turn, ${state}: ${what}`, measured: ownMs, limit: longestTurnMs }))
  return [...costOf('healthy', healthy), ...costOf('all waiting', waiting)]
}

const costs = [...(await scrapeRatios()), ...(await intakeRatios()), ...(await turns())]
for (const { what, measured, limit } of costs) {
  const verdict = measured <= limit ? '' : '  TOO MUCH'
  process.stdout.write(`${what.padEnd(75)}${measured.toFixed(2)} (at most ${limit})${verdict}\n`)
}
process.exitCode = costs.every(({ measured, limit }) => measured <= limit) ? 0 : 1
