import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { attacks } from './attacks.ts'
import { problemsOf, tableOf, type Outcome } from './outcome.ts'
import { sizeFromEnvironment } from './size.ts'
import { Stage } from './stage.ts'
import { differencesOf, truthIn } from './truth.ts'

const size = sizeFromEnvironment({ copies: 3300, seconds: 50 })
const shares = attacks.reduce((sum, { share }) => sum + share, 0)
const shareMs = (size.seconds * 1000) / shares
/** A few times in each attack, and not more often than Prometheus usually does. */
const scrapeEveryMs = Math.min(5000, shareMs / 4)
/** More of them tell nothing new. */
const maxDifferences = 20

/** After an API server has failed again and again, svidwatch waits for up to 30 s before it lists again. */
const recoveryMs = 120_000

const outcomes: Outcome[] = []
let stage: Stage
let before: readonly string[]

beforeAll(async () => {
  stage = await Stage.start({ copies: size.copies, scrapeEveryMs })
  before = truthIn(await stage.metrics())
})

afterAll(async () => {
  const figures = stage.cgroupFigures ?? ''
  process.stdout.write(`${size.copies} copies in ${stage.memory}\n${tableOf(outcomes)}\n${figures}\n`)
  await stage.close()
})

for (const attack of attacks) {
  test(`probes and scrapes are answered in time, attack: ${attack.name}`, async () => {
    const outcome = await stage.under(attack, attack.share * shareMs)
    outcomes.push(outcome)
    const problems = problemsOf(outcome)
    expect(problems, problems.join('; ')).toEqual([])
  })
}

test('after the attacks all is known that was known before', async () => {
  const isAsBefore = async () => {
    const differences = differencesOf(before, truthIn(await stage.metrics()))
    expect(differences.slice(0, maxDifferences)).toEqual([])
  }
  await vi.waitFor(isAsBefore, { timeout: recoveryMs, interval: 1000 })
})
