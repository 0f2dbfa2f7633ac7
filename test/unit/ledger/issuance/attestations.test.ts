import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCheckpoint, serializeCheckpoint } from '../../../../src/ledger/issuance/checkpoint.ts'
import type { RequestObservation } from '../../../../src/ledger/issuance/observations.ts'
import { Ledger } from '../../../../src/ledger/ledger.ts'
import { ManualClock } from '../../../support/manualClock.ts'
import { change, request, requestList } from '../../../support/observations.ts'
import { commit, hour } from '../../../support/watchedLedger.ts'

const day = 24 * hour

/** A process with room for two issuers, unless said, in a time that goes on over restarts. */
class Process {
  readonly clock: ManualClock
  readonly ledger: Ledger
  #requests = 0

  constructor(clock = new ManualClock(), checkpoint?: string, maxIssuers = 2) {
    this.clock = clock
    this.ledger = new Ledger({ clock, sources: ['certificateRequests'], maxIssuers })
    const stored = checkpoint === undefined ? undefined : parseCheckpoint(checkpoint)
    if (stored && 'problem' in stored) throw new Error(stored.problem)
    this.ledger.showCommittedOnly(stored?.checkpoint)
    requestList(stored?.checkpoint.positions[0]?.resourceVersion ?? '1').forEach(this.ledger.report)
  }

  /** One request of an issuer ends. */
  end(issuer: string, state: 'issued' | 'denied', trustDomain = 'example.org'): void {
    this.#requests += 1
    const uid = `${this.clock.now()} ${this.#requests}`
    const version = String(2 + this.#requests)
    const ended: RequestObservation = request({
      ...{ uid, issuer, trustDomain, state, resourceVersion: version },
      ...(state === 'denied' && { reason: 'denied_other' }),
    })
    this.ledger.report(change('added', ended))
    commit(this.ledger)
  }

  restarted(): Process {
    const checkpoint = this.ledger.checkpoint()
    if (checkpoint === undefined) throw new Error('there is nothing to commit')
    return new Process(this.clock, serializeCheckpoint(checkpoint))
  }

  /** All that was counted, by trust domain and issuer. */
  totals(): Map<string, number> {
    const totals = new Map<string, number>()
    for (const name of ['attestationSuccess', 'attestationFailure'] as const)
      for (const total of this.ledger.totals(name)) {
        const key = total.labels.slice(0, 2).join(' ')
        totals.set(key, (totals.get(key) ?? 0) + ('value' in total ? total.value : 0))
      }
    return totals
  }

  /** The issuers that have series in a trust domain. */
  named(): string[] {
    return [...this.totals().keys()].flatMap((key) => {
      const [trustDomain = '', issuer = ''] = key.split(' ')
      return trustDomain === '' || issuer === '' ? [] : [issuer]
    })
  }
}

describe.each(['in one process', 'across a restart'])('where the limit of issuers is reached, %s,', (where) => {
  /** The issuers b and a, of which a issued an hour later. */
  const filled = async () => {
    const one = new Process()
    one.end('b', 'issued')
    await one.clock.advance(hour)
    one.end('a', 'issued')
    return where === 'in one process' ? one : one.restarted()
  }

  it('one that has ended no request for a day leaves its place to a new one, and no sooner', async () => {
    const process = await filled()
    await process.clock.advance(day - hour - 1)
    process.end('c', 'issued')
    expect(process.named().sort()).toEqual(['a', 'b'])
    expect(process.totals().get('example.org ')).toBe(1)
    await process.clock.advance(1)
    process.end('c', 'issued')
    expect(process.named().sort()).toEqual(['a', 'c'])
    expect(process.totals().get('example.org c')).toBe(1)
  })

  it('the one that was unused the longest goes first, whichever was known first', async () => {
    const process = await filled()
    await process.clock.advance(1)
    process.end('b', 'denied')
    await process.clock.advance(10 * day)
    process.end('c', 'issued')
    expect(process.named().sort()).toEqual(['b', 'c'])
  })

  it('one that only has requests denied is in use', async () => {
    const process = await filled()
    await process.clock.advance(day)
    process.end('a', 'denied')
    process.end('b', 'denied')
    process.end('c', 'issued')
    expect(process.named().sort()).toEqual(['a', 'b'])
  })

  it('one that nobody waits for keeps its place, however long it is unused', async () => {
    const process = await filled()
    await process.clock.advance(100 * day)
    process.end('a', 'issued')
    expect(process.named().sort()).toEqual(['a', 'b'])
  })
})

it('with its last issuer, a trust domain leaves its place too', async () => {
  const process = new Process()
  process.end('a', 'issued', 'old.test')
  process.end('b', 'issued')
  await process.clock.advance(day)
  process.end('b', 'issued')
  process.end('c', 'issued')
  const here = ['example.org ', 'example.org b', 'example.org c']
  expect([...process.totals().keys()].sort()).toEqual([' ', ' b', ' c', ...here])
})

it('a trust domain keeps what was counted of issuers that have proven nothing, when one issuer follows another', async () => {
  const process = new Process(undefined, undefined, 1)
  process.end('a', 'issued')
  process.end('unproven', 'denied')
  await process.clock.advance(day)
  process.end('b', 'issued')
  expect(process.totals()).toEqual(
    new Map([
      [' ', 0],
      [' b', 0],
      ['example.org ', 1],
      ['example.org b', 1],
    ]),
  )
})

it('nobody leaves a place that would be too small for who would come', async () => {
  const process = new Process(undefined, undefined, 10_000)
  const long = (index: number) => `${index}`.padStart(1_000, 'x')
  process.end('unused', 'issued')
  let used = 0
  do process.end(long((used += 1)), 'issued')
  while (process.named().includes(long(used)))
  await process.clock.advance(day)
  for (let index = 1; index < used; index += 1) process.end(long(index), 'issued')
  const before = process.totals()
  process.end('i'.repeat(2_000), 'issued', 't'.repeat(2_000))
  expect(process.totals()).toEqual(new Map([...before, [' ', (before.get(' ') ?? 0) + 1]]))
})

it('what was counted stays where it was counted, until its issuer leaves its place to another', async () => {
  const step = fc.record({
    issuer: fc.constantFrom('a', 'b', 'c', 'd'),
    trustDomain: fc.constantFrom('example.org', 'other.example'),
    state: fc.constantFrom('issued' as const, 'denied' as const),
    hours: fc.constantFrom(0, 1, 5, 24),
    restarts: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30, size: 'max' }), async (steps) => {
      let process = new Process()
      const lastUsed = new Map<string, number>()
      for (const { issuer, trustDomain, state, hours, restarts } of steps) {
        await process.clock.advance(hours * hour)
        const before = process.totals()
        process.end(issuer, state, state === 'denied' ? trustDomain : 'example.org')
        const after = process.totals()
        const nowMs = process.clock.now()

        const hasCount = (key: string) => !key.startsWith(' ') || before.get(key) !== 0
        const left = [...before.keys()].filter((key) => !after.has(key) && hasCount(key))
        for (const key of left) expect(nowMs - (lastUsed.get(key) ?? NaN)).toBeGreaterThanOrEqual(day)
        const came = [...after.keys()].filter((key) => !before.has(key) && !key.endsWith(' '))
        expect(came.every((key) => key.endsWith(` ${issuer}`))).toBe(true)
        expect(left.length).toBeLessThanOrEqual(came.length)
        const grown = [...after].filter(([key, count]) => count !== (before.get(key) ?? 0))
        expect(grown.map(([key, count]) => count - (before.get(key) ?? 0))).toEqual([1])
        expect(process.named().length).toBeLessThanOrEqual(2)

        for (const [key] of grown) lastUsed.set(key, nowMs)
        if (restarts) process = process.restarted()
        expect(process.totals()).toEqual(after)
      }
    }),
    { numRuns: 50 },
  )
})

describe('what an issuer refuses for a trust domain in which nothing was issued', () => {
  const other = 'other.example'

  it.each(['in one process', 'across a restart'])('is counted for the issuer, from zero on, %s', (where) => {
    const before = new Process()
    before.end('a', 'issued')
    expect(before.totals().get(' a')).toBe(0)
    const process = where === 'in one process' ? before : before.restarted()
    process.end('a', 'denied', other)
    expect(process.totals()).toEqual(
      new Map([
        [' ', 0],
        ['example.org ', 0],
        ['example.org a', 1],
        [' a', 1],
      ]),
    )
  })

  it('is counted for the issuer where another one has issued in the trust domain', () => {
    const process = new Process()
    process.end('a', 'issued')
    process.end('b', 'issued', other)
    process.end('a', 'denied', other)
    expect(process.totals().get(' a')).toBe(1)
  })

  it('is counted without the issuer where that has issued nothing: made-up names take no places', () => {
    const process = new Process()
    process.end('a', 'issued')
    for (let index = 0; index < 1_000; index += 1) process.end(`made-up-${index}`, 'denied', `made-up-${index}.example`)
    process.end('b', 'issued')
    expect(process.totals().get(' ')).toBe(1_000)
    expect([...process.totals().keys()].sort()).toEqual([
      ' ',
      ' a',
      ' b',
      'example.org ',
      'example.org a',
      'example.org b',
    ])
  })

  it('leaves the place of another issuer alone, however much is refused for made-up trust domains', async () => {
    const process = new Process()
    process.end('a', 'issued')
    process.end('b', 'issued')
    await process.clock.advance(day)
    process.end('a', 'denied', other)
    process.end('c', 'issued')
    expect(process.named().sort()).toHaveLength(2)
    expect(process.named()).toContain('c')
    expect(process.totals().get(' a')).toBe(1)
  })
})
