import { expect, it } from 'vitest'
import { sourceNames } from '../../../src/ledger/sight/observations.ts'
import { catalogue, namesOf } from '../../../src/metrics/catalogue.ts'
import { collectorMetrics } from '../../../src/metrics/catalogue/self.ts'
import { createFamilies } from '../../../src/metrics/families.ts'
import { roleNames } from '../../../src/role.ts'
import { ManualClock } from '../../support/manualClock.ts'

it('export every metric of the catalogue in a process that has everything, in the same order', () => {
  const families = createFamilies({
    clock: new ManualClock(),
    build: { version: '1.2.3', nodeVersion: 'v24.0.0', roles: roleNames },
    sources: sourceNames,
    processReadings: { refresh: () => Promise.resolve(), valuesOf: () => [] },
    checkpoint: { failures: 0 },
    findings: { followers: 0, refusals: new Map() },
    spans: { offered: 0, queued: 0, outcomes: {} },
  })
  // The scrape itself adds the metrics of its collectors.
  const ofTheScrape: readonly string[] = namesOf(collectorMetrics)
  expect(families.map(({ name }) => name)).toEqual(namesOf(catalogue).filter((name) => !ofTheScrape.includes(name)))
})
