import { Gauge, Registry } from 'prom-client'
import type { Clock } from '../../src/clock.ts'
import { Diagnoses } from '../../src/diagnosis/diagnoses.ts'
import type { LedgerView } from '../../src/ledger/view.ts'
import { perIdentityFamilies } from '../../src/metrics/catalogue.ts'
import { createMetrics, type Metrics } from '../../src/metrics/scrape.ts'

/** The metrics of the cluster role over a ledger, without a bound on the series. */
export function metricsOf(ledger: LedgerView, clock: Clock, diagnoses = new Diagnoses(ledger, clock)): Metrics {
  return createMetrics({
    ledger,
    diagnoses,
    clock,
    limits: { maxSeries: Number.MAX_SAFE_INTEGER },
    build: { version: '0.0.0', nodeVersion: process.version, roles: ['cluster'] },
    sources: ledger.sources().map(({ source }) => source),
  })
}

const sample = /^(\w+)\{(.*)\} (\S+)$/gm
const label = /(\w+)="([^"]*)"/g

/** The per-identity series of an exposition in a registry of prom-client: the same names, labels and values. */
export function promClientWith(exposition: string): { readonly registry: Registry; readonly series: number } {
  const registry = new Registry()
  const gauges = new Map<string, Gauge>()
  let series = 0
  for (const [, name = '', labelText = '', value] of exposition.matchAll(sample)) {
    if (!(perIdentityFamilies as readonly string[]).includes(name)) continue
    const labels = Object.fromEntries(Array.from(labelText.matchAll(label), ([, key = '', text = '']) => [key, text]))
    const labelNames = Object.keys(labels)
    const gauge = gauges.get(name) ?? new Gauge({ name, help: name, labelNames, registers: [registry] })
    gauges.set(name, gauge)
    gauge.set(labels, Number(value))
    series += 1
  }
  return { registry, series }
}
