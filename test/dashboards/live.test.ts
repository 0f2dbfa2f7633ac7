import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { until } from '../cluster/support/shell.ts'
import { askedByPanels, askedByRules, askedWithExported, type Asked } from './support/asked.ts'
import { ownLabels, WatchedDemo, type Labels } from './support/watchedDemo.ts'

const kinds: readonly (readonly [string, readonly Asked[]])[] = [
  ['panels', askedByPanels()],
  ['rules', askedByRules()],
  ['panels for exported labels', askedWithExported()],
  ['rules for exported labels', askedByRules('exported')],
]

/** The labels of a series that it has from its target. */
const ofTarget = (series: Labels): readonly string[] =>
  Object.keys(series).filter((label) => ['job', 'instance'].includes(label) || series[label] === ownLabels[label])

/** The most series that each expression has returned, and the labels of targets that these had. */
const most = new Map<Asked, number>()
const labels = new Map<Asked, Set<string>>()

/** A little more than the lifetime of an SVID in the demo: by then, all that happens there has happened. */
const lifetimeMs = 200_000

/** How long data for every panel is waited for. */
const patienceMs = 270_000

beforeAll(async () => {
  await using demo = await WatchedDemo.start()
  for (const form of ['honored', 'exported'] as const)
    await until('the first scrape', 30, async () => (await demo.query('svidwatch_build_info', form))[0])
  const startMs = systemClock.now()
  const ask = async (asked: Asked): Promise<void> => {
    const series = await demo.query(asked.expr, asked.form)
    most.set(asked, Math.max(most.get(asked) ?? 0, series.length))
    labels.set(asked, new Set([...(labels.get(asked) ?? []), ...series.flatMap(ofTarget)]))
  }
  const isMissing = (asked: Asked) => asked.emptyInDemo === undefined && most.get(asked) === 0
  const all = kinds.flatMap(([, asked]) => asked)
  for (let ageMs = 0; ageMs < lifetimeMs || (ageMs < patienceMs && all.some(isMissing));) {
    for (const asked of all) await ask(asked)
    await systemClock.sleep(5000)
    ageMs = systemClock.now() - startMs
  }
}, 320_000)

afterAll(() => {
  const lines = [...most].map(([{ name }, count]) => `${String(count).padStart(5)}  ${name}`)
  process.stdout.write(`\nThe most series that each expression returned:\n${lines.join('\n')}\n`)
})

describe.each(kinds)('%s', (_, all) => {
  it.each(all)('$name', (asked) => {
    const { emptyInDemo } = asked
    if (emptyInDemo === undefined) expect(most.get(asked), 'series').toBeGreaterThan(0)
    else expect(most.get(asked), `series, although it is listed as empty: ${emptyInDemo}`).toBe(0)
    expect(asked.isStep ? [] : [...(labels.get(asked) ?? [])], 'labels of the target').toEqual([])
  })
})
