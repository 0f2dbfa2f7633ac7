import { expect, test } from 'vitest'
import { startEmbeddedWorld } from './embeddedWorld.ts'
import { runExactness } from './exactness.ts'
import { faultNames } from './faults.ts'
import { planOf } from './plan.ts'
import { sizeFromEnvironment } from './size.ts'

const size = sizeFromEnvironment({
  requests: 3000,
  faults: faultNames.length,
  kills: 2,
  perSecond: 300,
  outageSeconds: 2,
})

const tell = (line: string) => void process.stdout.write(`${line}\n`)

test(`${size.requests} requests with ${size.faults} faults and ${size.kills} kills are counted to one (seed ${size.seed})`, async () => {
  const result = await runExactness(await startEmbeddedWorld(size), planOf(faultNames, size), tell)
  expect(result.problems).toEqual([])
  expect(result.differences).toEqual([])
  expect(result.scrapes).toBeGreaterThan(0)
})
