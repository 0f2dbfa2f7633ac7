import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { compress } from '../../../src/metrics/compress.ts'
import { catalogue, declarationOf, namesOf } from '../../../src/metrics/catalogue.ts'
import type { SourceName } from '../../../src/ledger/sight/observations.ts'
import type { LedgerView } from '../../../src/ledger/view.ts'
import { findingsMetrics } from '../../../src/metrics/catalogue/findings.ts'
import { checkpointMetrics } from '../../../src/metrics/catalogue/self.ts'
import type { Scrape } from '../../../src/metrics/scrape.ts'
import type { Role } from '../../../src/role.ts'
import {
  familiesIn,
  metricsOver,
  samplesOf,
  scrapedAtMs,
  scrapeText,
  textFrom,
  textOf,
} from '../../support/exposition.ts'
import { fakeLedger, sourceStatus, svidView } from '../../support/fakeLedger.ts'
import { ManualClock } from '../../support/manualClock.ts'
import { WorkingClock } from '../../support/workingClock.ts'

const openMetrics = 'application/openmetrics-text;version=1.0.0'
const data = { svids: [svidView()], sources: [sourceStatus()] }

/** prom-client where it can read nothing of the process. */
const noReadings = { refresh: () => Promise.resolve(), valuesOf: () => [] }

const noSpans = { offered: 0, queued: 0, outcomes: {} }

/** A ledger whose posture cannot be read, and which counts how often its SVIDs are. */
function failingLedger() {
  const answering = fakeLedger(data)
  const ledger = { ...answering, reads: 0 }
  ledger.posture = () => {
    throw new Error('no posture today')
  }
  ledger.survey = (see) => {
    ledger.reads += 1
    return answering.survey(see)
  }
  return ledger
}

/** A clock on which a millisecond passes each time that it is read, so that long work gives way often. */
class SteppingClock extends WorkingClock {
  override monotonicMs(): number {
    this.workedMs += 1
    return super.monotonicMs()
  }
}

describe('a scrape', () => {
  it('is in the text format unless asked otherwise', async () => {
    const { body, contentType } = await metricsOver(data).scrape(undefined)
    expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(gunzipSync(body).toString()).not.toContain('# EOF')
  })

  it('ends as OpenMetrics demands', async () => {
    const { body, contentType } = await metricsOver(data).scrape(openMetrics)
    expect(contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
    expect(gunzipSync(body).toString()).toMatch(/[^\n]\n# EOF\n$/)
  })

  it('is made once for all who ask for the same while it is being made', async () => {
    const ledger = failingLedger()
    const metrics = metricsOver({}, { ledger })
    const [first, second, other] = await Promise.all([
      metrics.scrape(undefined),
      metrics.scrape('text/plain'),
      metrics.scrape(openMetrics),
    ])
    expect(second.body).toBe(first.body)
    expect(other.body).not.toEqual(first.body)
    expect(ledger.reads).toBe(1)
    await metrics.scrape(undefined)
    expect(ledger.reads).toBe(2)
  })

  it('reads the ledger once for all families', async () => {
    const ledger = failingLedger()
    await metricsOver({}, { ledger }).scrape(undefined)
    expect(ledger.reads).toBe(1)
  })

  it('leaves out a family whose collector fails, whole, counts it at once, and says why', async () => {
    const errors: unknown[] = []
    const metrics = metricsOver({}, { ledger: failingLedger(), onCollectorError: (...error) => errors.push(error) })
    const text = await textFrom(metrics)
    const family = 'spiffe_posture_pods'
    expect(familiesIn(text)).toEqual(familiesIn(await scrapeText(data)).filter((name) => name !== family))
    expect(samplesOf(text, 'spire_svid_expiry_seconds')).toHaveLength(1)
    expect(samplesOf(text, 'svidwatch_collector_errors_total')).toContain(
      `svidwatch_collector_errors_total{family="${family}"} 1`,
    )
    expect(errors).toEqual([[family, new Error('no posture today')]])
  })

  it('leaves out and counts a value that is no number', async () => {
    const text = await scrapeText({ svids: [svidView({}, { renewalDueMs: Number.NaN })] })
    const family = 'spiffe_svid_renewal_due_timestamp_seconds'
    expect(samplesOf(text, family)).toEqual([])
    expect(samplesOf(text, 'svidwatch_collector_errors_total')).toContain(
      `svidwatch_collector_errors_total{family="${family}"} 1`,
    )
  })

  it('leaves out whole what is made of views that fail after the first ones, and nothing else', async () => {
    const ledger = fakeLedger(data)
    ledger.survey = (see) => {
      see?.(svidView())
      throw new Error('no more SVIDs today')
    }
    const text = textOf(await metricsOver({}, { ledger }).scrape(undefined))
    const families = familiesIn(text)
    expect(families).not.toContain('spire_svid_expiry_seconds')
    expect(families).not.toContain('spiffe_svids')
    expect(families).toEqual(expect.arrayContaining(['spiffe_posture_pods', 'svidwatch_source_up']))
    expect(text).not.toContain(svidView().labels.pod)
    expect(samplesOf(text, 'svidwatch_collector_errors_total')).toContain(
      'svidwatch_collector_errors_total{family="spire_svid_expiry_seconds"} 1',
    )
  })

  it('does not change, however late it is read', async () => {
    const svids = [svidView()]
    const drifts = [{ labels: svidView().labels, cause: 'mount_stale' as const }]
    const source = sourceStatus()
    const clock = new ManualClock(scrapedAtMs)
    const metrics = metricsOver({ svids, drifts, sources: [source] }, { clock })
    const expected = await textFrom(metrics)
    const asked = metrics.scrape(undefined)
    await clock.advance(0)
    svids.push(svidView({ pod: 'web-1' }))
    drifts.pop()
    source.up = false
    const healthOfTheProcess = /^process_(cpu|resident|open).*$/gm
    expect(textOf(await asked).replaceAll(healthOfTheProcess, '')).toBe(expected.replaceAll(healthOfTheProcess, ''))
    expect(await textFrom(metrics)).toContain('pod="web-1"')
  })

  it('has the same values in all families, whenever a scrape in the other format begins meanwhile', async () => {
    const volume = 'v'.repeat(2_000) // Makes each family so long that rendering it gives way.
    const seenAt = (lastObservedMs: number) =>
      Array.from({ length: 200 }, (_, pod) =>
        svidView({ pod: `web-${pod}`, volume }, { lastObservedMs, notAfterMs: lastObservedMs }),
      )
    /** Makes a scrape, and another one from the given turn of the event loop on. Returns how many turns they took. */
    const scrapeTwice = async (fromTurn: number) => {
      const svids = seenAt(scrapedAtMs - 2_000)
      const scrapes: Promise<Scrape>[] = []
      let turns = 0
      const clock = new SteppingClock(() => {
        turns += 1
        if (turns !== fromTurn) return
        svids.splice(0, svids.length, ...seenAt(scrapedAtMs - 1_000))
        scrapes.push(metrics.scrape(openMetrics))
      }, scrapedAtMs)
      const metrics = metricsOver({ svids }, { clock, limits: { maxSeries: 10_000 } })
      scrapes.push(metrics.scrape(undefined))
      for (const scrape of scrapes) {
        const settled = scrape.then(() => true)
        while (!(await Promise.race([settled, clock.advance(0).then(() => false)])));
        const text = textOf(await scrape)
        const valuesOf = (family: string) => samplesOf(text, family)?.map((line) => Number(line.split(' ')[1]))
        const notAfter = valuesOf('spiffe_svid_not_after_timestamp_seconds')
        expect(notAfter).toHaveLength(200)
        expect(valuesOf('spiffe_svid_last_observed_timestamp_seconds')).toEqual(notAfter)
      }
      return turns
    }
    const turns = await scrapeTwice(Infinity)
    for (let turn = Math.max(1, turns - 40); turn <= turns; turn += 2) await scrapeTwice(turn)
  })

  it('lets other work run while it reads many SVIDs, and tells of each as it was when it was read', async () => {
    const pods = Array.from({ length: 5 }, (_, index) => `web-${index}`)
    const endingAfter = (ms: number) => pods.map((pod) => svidView({ pod }, { notAfterMs: scrapedAtMs + ms }))
    const svids = endingAfter(1_000)
    let second: Promise<Scrape> | undefined
    const clock = new WorkingClock(() => {
      second = metrics.scrape(undefined)
      svids.splice(0, svids.length, ...endingAfter(2_000))
    }, scrapedAtMs)
    const answering = fakeLedger({ svids })
    let reads = 0
    const survey: LedgerView['survey'] = (see) => {
      reads += 1
      return answering.survey((copy) => {
        clock.workedMs += 1.5
        see?.(copy)
      })
    }
    const metrics = metricsOver({}, { clock, ledger: { ...answering, survey } })
    const first = metrics.scrape(undefined)
    await clock.advance(0)
    const text = textOf(await first)
    expect(samplesOf(text, 'spire_svid_expiry_seconds')?.map((line) => line.split(' ')[1])).toEqual([
      '1',
      '1',
      '1',
      '2',
      '2',
    ])
    expect(samplesOf(text, 'spiffe_svids')?.[0]).toMatch(/state="valid"} 5$/)
    expect(second && samplesOf(textOf(await second), 'spire_svid_expiry_seconds')).toEqual(
      samplesOf(text, 'spire_svid_expiry_seconds'),
    )
    expect(reads).toBe(1)
  })

  it('lets other work run after each 4 ms while its text is rendered', async () => {
    const othersRanAtMs: number[] = []
    const clock = new WorkingClock(() => othersRanAtMs.push(clock.workedMs), scrapedAtMs)
    function* pieces() {
      for (let piece = 0; piece < 30; piece += 1) {
        clock.workedMs += 1
        yield 'svidwatch_source_up{source="pods"} 1\n'
      }
    }
    const compressed = compress(pieces(), clock)
    await clock.advance(0)
    await compressed
    const pausesMs = othersRanAtMs.map((ms, index) => ms - (othersRanAtMs[index - 1] ?? 0))
    expect(clock.workedMs).toBe(30)
    expect(Math.max(...pausesMs, clock.workedMs - (othersRanAtMs.at(-1) ?? 0))).toBeLessThanOrEqual(5)
  })

  it('forgets a series as soon as the ledger does', async () => {
    const svids = [svidView(), svidView({ pod: 'web-1' })]
    const metrics = metricsOver({ svids })
    const before = await textFrom(metrics)
    svids.pop()
    const after = await textFrom(metrics)
    expect(before).toContain('pod="web-1"')
    expect(after).not.toContain('pod="web-1"')
  })
})

describe('the families of a process', () => {
  it('are all that are declared, in that order, where totals are committed, findings offered and traces sent', async () => {
    const text = await scrapeText(data, {
      processReadings: noReadings,
      checkpoint: { failures: 0 },
      findings: { followers: 0, refusals: new Map() },
      spans: noSpans,
    })
    expect(familiesIn(text)).toEqual(namesOf(catalogue))
  })

  it.each<[Role, readonly SourceName[]]>([
    ['cluster', ['certificateRequests', 'pods', 'nodeFindings', 'bundleEndpoints']],
    ['cluster', ['certificateRequests', 'pods']],
    ['node', ['mountedSvids']],
    ['standalone', ['files']],
    ['standalone', ['bundleEndpoints']],
  ])('are those that the role %s can have, watching %j', async (role, sources) => {
    const checkpoint = { failures: 0 }
    const findings = { followers: 0, refusals: new Map() }
    const build = { version: '1.2.3', nodeVersion: 'v24.0.0', roles: [role] }
    const own = { processReadings: noReadings, checkpoint, findings, spans: noSpans }
    const text = await scrapeText(data, { build, sources, ...own })
    const expected = namesOf(catalogue).filter((name) => {
      const { roles, sources: needed = sources } = declarationOf(name)
      return roles.includes(role) && needed.some((source) => sources.includes(source))
    })
    expect(familiesIn(text)).toEqual(expected)
    const dropped = expected.filter((name) => declarationOf(name).labels.includes('spiffe_id'))
    expect(samplesOf(text, 'svidwatch_series_dropped') ?? []).toEqual(
      dropped.map((family) => `svidwatch_series_dropped{family="${family}"} 0`),
    )
  })

  it('tell how committing the totals goes', async () => {
    const checkpoint = { failures: 2, lastSuccessMs: undefined as number | undefined }
    const metrics = metricsOver({}, { checkpoint })
    const before = await textFrom(metrics)
    const [succeeded, failed] = namesOf(checkpointMetrics)
    expect(samplesOf(before, succeeded ?? '')).toEqual([])
    expect(samplesOf(before, failed ?? '')).toEqual(['svidwatch_checkpoint_failures_total 2'])
    checkpoint.lastSuccessMs = scrapedAtMs
    const after = await textFrom(metrics)
    expect(samplesOf(after, succeeded ?? '')).toEqual([
      `svidwatch_checkpoint_last_success_timestamp_seconds ${scrapedAtMs / 1000}`,
    ])
  })

  it('tell how offering the findings goes, each reason to refuse from the start', async () => {
    const health = { followers: 0, refusals: new Map([['missing', 0]]) }
    const metrics = metricsOver({}, { findings: health })
    const samples = async () => {
      const text = await textFrom(metrics)
      return namesOf(findingsMetrics).flatMap((name) => samplesOf(text, name))
    }
    expect(await samples()).toEqual([
      'svidwatch_findings_followers 0',
      'svidwatch_findings_refused_total{reason="missing"} 0',
    ])
    health.followers = 2
    health.refusals.set('missing', 7)
    expect(await samples()).toEqual([
      'svidwatch_findings_followers 2',
      'svidwatch_findings_refused_total{reason="missing"} 7',
    ])
  })
})
