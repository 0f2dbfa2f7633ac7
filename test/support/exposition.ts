import { gunzipSync } from 'node:zlib'
import { createMetrics, type Metrics, type MetricsOptions, type Scrape } from '../../src/metrics/scrape.ts'
import { labelValues } from '../../src/metrics/catalogue/labelValues.ts'
import { sourceNames } from '../../src/ledger/sight/observations.ts'
import { fakeDiagnoses } from './fakeDiagnoses.ts'
import { fakeLedger, issuedAtMs, type LedgerData } from './fakeLedger.ts'
import { ManualClock } from './manualClock.ts'

/** The time of all scrapes: a minute after the SVIDs of `svidView` were issued. */
export const scrapedAtMs = issuedAtMs + 60_000

/** Returns metrics of plain data with everything exported. `options` replaces the defaults. */
export function metricsOver(data: LedgerData, options: Partial<MetricsOptions> = {}) {
  return createMetrics({
    ledger: fakeLedger(data),
    diagnoses: fakeDiagnoses(),
    clock: new ManualClock(scrapedAtMs),
    limits: { maxSeries: 1000 },
    build: { version: '1.2.3', nodeVersion: 'v24.0.0', roles: ['cluster', 'node'] },
    sources: sourceNames,
    ...options,
  })
}

export function scrapeText(data: LedgerData, options: Partial<MetricsOptions> = {}): Promise<string> {
  return textFrom(metricsOver(data, options))
}

/** Returns one uncompressed scrape of `metrics`, in the text format unless `accept` asks for another. */
export async function textFrom(metrics: Metrics, accept?: string): Promise<string> {
  return textOf(await metrics.scrape(accept))
}

export function textOf({ body }: Scrape): string {
  return gunzipSync(body).toString()
}

export function familiesIn(text: string): readonly string[] {
  return [...text.matchAll(/^# HELP (\S+)/gm)].map(([, name = '']) => name)
}

/** Returns the sample lines of one family, in order; undefined if the exposition does not have the family. */
export function samplesOf(text: string, family: string): readonly string[] | undefined {
  const block = text.split(/^(?=# HELP )/m).find((part) => part.startsWith(`# HELP ${family} `))
  return block?.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

/** Returns the labels in an exposition whose values are not as the catalogue declares them. */
export function wrongLabelValues(text: string): readonly string[] {
  return [...text.matchAll(/[{,]([a-z_]+)="((?:[^"\\]|\\.)*)"(?=[,}])/g)]
    .filter(([, label = '', value = '']) => label !== 'le' && labelValues[label]?.test(value) !== true)
    .map(([, label = '', value = '']) => `${label}="${value}"`)
}
