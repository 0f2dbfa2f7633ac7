import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { catalogue, identityMetrics, namesOf, occasionalMetrics } from '../../../src/metrics/catalogue.ts'
import { findingsMetrics } from '../../../src/metrics/catalogue/findings.ts'
import { checkpointMetrics } from '../../../src/metrics/catalogue/self.ts'
import { familiesIn, metricsOver, samplesOf, scrapedAtMs, scrapeText } from '../../support/exposition.ts'
import { fakeLedger, sourceStatus, svidView } from '../../support/fakeLedger.ts'

const openMetrics = 'application/openmetrics-text;version=1.0.0'
const data = { svids: [svidView()], sources: [sourceStatus()] }

/** A ledger whose issuers cannot be read, and which counts how often its SVIDs are. */
function failingLedger() {
  const ledger = { ...fakeLedger(data), reads: 0 }
  ledger.issuers = () => {
    throw new Error('no issuers today')
  }
  ledger.svids = () => {
    ledger.reads += 1
    return data.svids
  }
  return ledger
}

describe('a scrape', () => {
  it('is plain text unless asked otherwise', async () => {
    const { body, contentType, ...rest } = await metricsOver(data).scrape(undefined, undefined)
    expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(body.toString()).not.toContain('# EOF')
    expect(rest).toEqual({})
  })

  it('ends as OpenMetrics demands', async () => {
    const { body, contentType } = await metricsOver(data).scrape(openMetrics, undefined)
    expect(contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
    expect(body.toString()).toMatch(/[^\n]\n# EOF\n$/)
  })

  it('is compressed where the client takes it', async () => {
    const metrics = metricsOver(data)
    const zipped = await metrics.scrape(undefined, 'gzip')
    expect(zipped.contentEncoding).toBe('gzip')
    const plain = await metrics.scrape(undefined, undefined)
    expect(familiesIn(gunzipSync(zipped.body).toString())).toEqual(familiesIn(plain.body.toString()))
  })

  it('is made once for all who ask for the same while it is being made', async () => {
    const ledger = failingLedger()
    const metrics = metricsOver({}, { ledger })
    const [first, second, other] = await Promise.all([
      metrics.scrape(undefined, 'gzip'),
      metrics.scrape('text/plain', 'gzip'),
      metrics.scrape(openMetrics, 'gzip'),
    ])
    expect(second.body).toBe(first.body)
    expect(other.body).not.toEqual(first.body)
    expect(ledger.reads).toBe(2)
    await metrics.scrape(undefined, 'gzip')
    expect(ledger.reads).toBe(3)
  })

  it('reads the ledger once for all families', async () => {
    const ledger = failingLedger()
    await metricsOver({}, { ledger }).scrape(undefined, undefined)
    expect(ledger.reads).toBe(1)
  })

  it('leaves out a family whose collector fails, whole, counts it at once, and says why', async () => {
    const errors: unknown[] = []
    const metrics = metricsOver({}, { ledger: failingLedger(), onCollectorError: (...error) => errors.push(error) })
    const text = (await metrics.scrape(undefined, undefined)).body.toString()
    const family = 'spire_server_ca_cert_expiry_seconds'
    const intact = namesOf(catalogue).filter((name) => name !== family && !(name in occasionalMetrics))
    expect(familiesIn(text)).toEqual(intact)
    expect(samplesOf(text, 'spire_svid_expiry_seconds')).toHaveLength(1)
    expect(samplesOf(text, 'svidwatch_collector_errors_total')).toContain(
      `svidwatch_collector_errors_total{family="${family}"} 1`,
    )
    expect(errors).toEqual([[family, new Error('no issuers today')]])
  })

  it('leaves out and counts a value that is no number', async () => {
    const text = await scrapeText({ svids: [svidView({}, { renewalDueMs: Number.NaN })] })
    const family = 'spiffe_svid_renewal_due_timestamp_seconds'
    expect(samplesOf(text, family)).toEqual([])
    expect(samplesOf(text, 'svidwatch_collector_errors_total')).toContain(
      `svidwatch_collector_errors_total{family="${family}"} 1`,
    )
  })

  it('forgets a series as soon as the ledger does', async () => {
    const svids = [svidView(), svidView({ pod: 'web-1' })]
    const metrics = metricsOver({ svids })
    const before = (await metrics.scrape(undefined, undefined)).body.toString()
    svids.pop()
    const after = (await metrics.scrape(undefined, undefined)).body.toString()
    expect(before).toContain('pod="web-1"')
    expect(after).not.toContain('pod="web-1"')
  })
})

describe('the families of a process', () => {
  it('are all that are declared, in that order, where totals are committed and findings are offered', async () => {
    const text = await scrapeText(data, {
      checkpoint: { failures: 0 },
      findings: { followers: 0, refusals: new Map() },
    })
    expect(familiesIn(text)).toEqual(namesOf(catalogue))
  })

  it('are those of its own health where it exports no identities', async () => {
    const families = familiesIn(await scrapeText(data, { perIdentity: false }))
    expect(families).toEqual(
      namesOf(catalogue).filter((name) => !(name in identityMetrics) && !(name in occasionalMetrics)),
    )
  })

  it('tell how committing the totals goes', async () => {
    const checkpoint = { failures: 2, lastSuccessMs: undefined as number | undefined }
    const metrics = metricsOver({}, { checkpoint })
    const before = (await metrics.scrape(undefined, undefined)).body.toString()
    const [succeeded, failed] = namesOf(checkpointMetrics)
    expect(samplesOf(before, succeeded ?? '')).toEqual([])
    expect(samplesOf(before, failed ?? '')).toEqual(['svidwatch_checkpoint_failures_total 2'])
    checkpoint.lastSuccessMs = scrapedAtMs
    const after = (await metrics.scrape(undefined, undefined)).body.toString()
    expect(samplesOf(after, succeeded ?? '')).toEqual([
      `svidwatch_checkpoint_last_success_timestamp_seconds ${scrapedAtMs / 1000}`,
    ])
  })

  it('tell how offering the findings goes, each reason to refuse from the start', async () => {
    const health = { followers: 0, refusals: new Map([['missing', 0]]) }
    const metrics = metricsOver({}, { perIdentity: false, findings: health })
    const samples = async () => {
      const text = (await metrics.scrape(undefined, undefined)).body.toString()
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
