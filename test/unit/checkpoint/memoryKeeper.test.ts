import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FileStore } from '../../../src/checkpoint/fileStore.ts'
import { MemoryKeeper, type Remembering } from '../../../src/checkpoint/memoryKeeper.ts'
import type { StateStore } from '../../../src/checkpoint/stateStore.ts'
import { SvidwatchError } from '../../../src/errors.ts'
import { Ledger } from '../../../src/ledger/ledger.ts'
import { emptyMemory, serializeMemory, type Memory } from '../../../src/ledger/memory.ts'
import type { RememberedBundle } from '../../../src/ledger/bundles/remembered.ts'
import { ManualClock } from '../../support/manualClock.ts'
import { WorkingClock } from '../../support/workingClock.ts'
import { realFiles } from '../../support/realFiles.ts'

const signal = new AbortController().signal
let folder: string
let file: FileStore

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'svidwatch-state-'))
  file = new FileStore(join(folder, 'state.json'), realFiles)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const bundle = (sequence: string | undefined, overrides: Partial<RememberedBundle> = {}): RememberedBundle => ({
  trustDomain: 'partner.example',
  bootstrap: 'ab'.repeat(32),
  refreshedMs: 1,
  ...(sequence !== undefined && { sequence }),
  authorities: ['MIIB'],
  jwtAuthorities: [],
  ...overrides,
})
const withBundles = (...bundles: RememberedBundle[]): Memory => ({ ...emptyMemory, bundles })

function keeperOf(ledger: Remembering, store: StateStore, clock: ManualClock) {
  const problems: string[] = []
  const onProblem = (message: string) => problems.push(message)
  return { keeper: new MemoryKeeper({ ledger, store, clock, intervalMs: 1000, onProblem }), problems }
}

/** One process that has not asked for its memory yet. */
function process(memory: Memory = withBundles(), store: StateStore = file) {
  const clock = new ManualClock()
  const ledger = { memory, restored: undefined as Memory | undefined }
  const remembering: Remembering = {
    *memory() {
      yield
      return ledger.memory
    },
    restore: (remembered) => (ledger.memory = ledger.restored = remembered),
  }
  return { ledger, clock, ...keeperOf(remembering, store, clock) }
}

async function resumed(memory?: Memory, store?: StateStore) {
  const all = process(memory, store)
  await all.keeper.resume(signal)
  return all
}

/** What the next process would be given. */
const kept = async () => (await resumed()).ledger.restored

/** The file, except that each call is refused as long as `failure` says with what. */
function failing(failure: () => string | undefined): StateStore {
  const check = () => {
    const code = failure()
    if (code !== undefined) throw new SvidwatchError(code, `the store says ${code}`)
  }
  return {
    place: 'the store',
    load: async (...given) => (check(), file.load(...given)),
    save: async (...given) => (check(), file.save(...given)),
  }
}

describe('a memory', () => {
  it('is given to the next process', async () => {
    const first = await resumed()
    expect(first.ledger.restored).toBeUndefined()
    first.ledger.memory = {
      ...withBundles(bundle('7')),
      agentNodes: [{ node: 'node-1', agent: 'spire-agent', lostMs: 5 }],
    }
    await first.keeper.commit(signal)
    expect(await kept()).toEqual(first.ledger.memory)
  })

  it('is written when it differs, at most once an interval, and now and then so that the store heals, whatever becomes of the clock', async () => {
    const writes: string[] = []
    const store: StateStore = {
      place: 'a list',
      load: () => Promise.resolve({ text: writes.at(-1) }),
      save: (_part, change) => {
        writes.push(change(writes.at(-1)) ?? '')
        return Promise.resolve('saved')
      },
    }
    const { keeper, clock, ledger } = await resumed(withBundles(), store)
    const end = new AbortController()
    const ended = keeper.run(end.signal)
    const after = async (ms: number) => {
      await clock.advance(ms)
      return writes.length
    }
    expect(await after(5000)).toBe(0)
    ledger.memory = withBundles(bundle('1'))
    expect(await after(999)).toBe(0)
    expect(await after(1)).toBe(1)
    expect(await after(599_999)).toBe(1)
    expect(await after(1)).toBe(2)
    clock.setBack(3_600_000)
    expect(await after(599_999)).toBe(2)
    expect(await after(1)).toBe(3)
    end.abort()
    await ended
  })

  it('that is broken is told, and begins anew', async () => {
    await file.save('memory.json', () => 'nonsense', signal)
    const { ledger, keeper, problems } = await resumed(withBundles(bundle('1')))
    expect(problems).toEqual([expect.stringMatching(/^state file .*memory\.json: .*: the stored memory is ignored$/)])
    expect([ledger.restored, keeper.failures]).toEqual([undefined, 1])
    await keeper.commit(signal)
    expect(await kept()).toEqual(withBundles(bundle('1')))
  })

  it('is neither written nor taken to be empty before the store has answered', async () => {
    await (await resumed(withBundles(bundle('7')))).keeper.commit(signal)
    let isGone = true
    const late = process(
      withBundles(bundle('5')),
      failing(() => (isGone ? 'unreachable' : undefined)),
    )
    const resuming = late.keeper.resume(signal)
    await late.clock.advance(120_000)
    await late.keeper.commit(signal)
    expect(await kept()).toEqual(withBundles(bundle('7')))
    isGone = false
    await late.clock.advance(30_000)
    await resuming
    expect(late.ledger.restored).toEqual(withBundles(bundle('7')))
    expect(late.problems).toEqual(['the store cannot be read: the store says unreachable'])
  })

  it('of a process that may never read it begins anew after a while', async () => {
    const refused = process(
      withBundles(bundle('5')),
      failing(() => 'forbidden'),
    )
    const resuming = refused.keeper.resume(signal)
    await refused.clock.advance(60_000)
    await resuming
    await refused.keeper.commit(signal)
    expect([refused.problems.length, refused.keeper.failures]).toEqual([1, 6])
  })

  it('that cannot be told for a fault of the program is counted as a failure, and written once it can', async () => {
    let isBroken = true
    const remembering: Remembering = {
      *memory() {
        yield
        if (isBroken) throw new Error('there is no such SVID')
        return withBundles(bundle('1'))
      },
      restore: () => undefined,
    }
    const { keeper, problems } = keeperOf(remembering, file, new ManualClock())
    await keeper.resume(signal)
    await keeper.commit(signal)
    expect([problems.length, keeper.failures]).toEqual([1, 1])
    isBroken = false
    await keeper.commit(signal)
    expect(await kept()).toEqual(withBundles(bundle('1')))
  })

  it('is written once the store is back, and each failure is counted', async () => {
    let isGone = false
    const { ledger, keeper, problems } = await resumed(
      withBundles(),
      failing(() => (isGone ? 'unreachable' : undefined)),
    )
    ledger.memory = withBundles(bundle('1'))
    isGone = true
    await keeper.commit(signal)
    await keeper.commit(signal)
    expect([problems, keeper.failures]).toEqual([['the store cannot be written: the store says unreachable'], 2])
    isGone = false
    await keeper.commit(signal)
    expect(await kept()).toEqual(ledger.memory)
  })
})

/** A process with a real ledger, a minute after its start: by then, what may never be read counts as refused. */
async function fetching(store: StateStore = file) {
  const clock = new ManualClock()
  const ledger = new Ledger({ clock, sources: ['bundleEndpoints'], maxIssuers: 1 })
  const { keeper } = keeperOf(ledger, store, clock)
  const fetch = ({ trustDomain, bootstrap, sequence, authorities }: RememberedBundle) => {
    ledger.report({
      kind: 'bundleEndpoint',
      endpoint: { trustDomain, url: 'https://127.0.0.1', profile: 'https_spiffe' },
    })
    const bundle = {
      ...(sequence !== undefined && { sequence: BigInt(sequence) }),
      x509Authorities: authorities.map((der) => ({ der, notBeforeMs: 0, notAfterMs: 1 })),
      jwtAuthorities: [],
    }
    ledger.report({ kind: 'bundle', trustDomain, bundle, ...(bootstrap !== undefined && { bootstrap }) })
  }
  const resuming = keeper.resume(signal)
  await clock.advance(60_000)
  await resuming
  return { ledger, keeper, clock, fetch }
}

describe('of two processes, the bundle that is kept', () => {
  const other = 'cd'.repeat(32)
  it.each([
    ['is the newer one, though it was written first', bundle('10'), bundle('9'), '10'],
    ['is the newer one that was written last', bundle('9'), bundle('10'), '10'],
    ['is compared in all its 64 bits', bundle('9007199254740993'), bundle('9007199254740992'), '9007199254740993'],
    ['is the last one where its trust begins elsewhere', bundle('10'), bundle('9', { bootstrap: other }), '9'],
    ['is the last one where it has no sequence', bundle('10'), bundle(undefined), undefined],
    ['is the last one where the other has no sequence', bundle(undefined), bundle('9'), '9'],
  ])('%s', async (_, first, second, sequence) => {
    const [one, two] = [await fetching(), await fetching()]
    one.fetch(first)
    await two.clock.advance(1)
    two.fetch(second)
    await one.keeper.commit(signal)
    await two.keeper.commit(signal)
    expect((await kept())?.bundles.map((found) => found.sequence)).toEqual([sequence])
  })

  it('is also the one that only the other could fetch, which the last to write then knows too', async () => {
    const [one, two] = [await fetching(), await fetching()]
    one.fetch(bundle('7'))
    two.fetch(bundle('1', { trustDomain: 'third.example' }))
    await one.keeper.commit(signal)
    await two.keeper.commit(signal)
    expect((await kept())?.bundles.map(({ trustDomain }) => trustDomain)).toEqual(['partner.example', 'third.example'])
    expect(two.ledger.rememberedBundle('partner.example')).toMatchObject({ sequence: '7' })
  })
})

it('what others store meanwhile is taken up, however often, and what is new is written after it', async () => {
  const others = ['one.example', 'two.example', 'three.example'].map((trustDomain) => bundle('1', { trustDomain }))
  const left = [...others]
  const beaten: StateStore = {
    place: 'the store',
    load: (...given) => file.load(...given),
    save: async (...given) => {
      const next = left.shift()
      const known = others.slice(0, others.length - left.length)
      if (next) await file.save('memory.json', () => serializeMemory(withBundles(...known)), signal)
      return file.save(...given)
    },
  }
  const { ledger, keeper, fetch } = await fetching(beaten)
  fetch(bundle('7'))
  await keeper.commit(signal)
  const names = ['one.example', 'partner.example', 'three.example', 'two.example']
  expect((await kept())?.bundles.map(({ trustDomain }) => trustDomain)).toEqual(names)
  for (const name of names) expect(ledger.rememberedBundle(name)).toBeDefined()
  expect(keeper.failures).toBe(0)
})

it('what others store meanwhile is told where it is broken, and written over', async () => {
  const first = await resumed(withBundles(bundle('1')))
  await file.save('memory.json', () => 'nonsense', signal)
  await first.keeper.commit(signal)
  expect(first.problems).toEqual([expect.stringMatching(/memory\.json: it is not JSON: the stored memory is ignored$/)])
  expect(await kept()).toEqual(withBundles(bundle('1')))
})

it('what others store meanwhile is left as it is where it says all that there is to say', async () => {
  const first = await resumed(withBundles(bundle('1')))
  const later = serializeMemory(withBundles(bundle('2')))
  await file.save('memory.json', () => later, signal)
  await first.keeper.commit(signal)
  expect(first.ledger.restored).toEqual(withBundles(bundle('2')))
  expect(await file.load('memory.json', signal)).toEqual({ text: later })
})

it('a memory that is long in the making lets other work run', async () => {
  const othersRanAtMs: number[] = []
  const clock = new WorkingClock(() => othersRanAtMs.push(clock.workedMs))
  const many: Remembering = {
    *memory() {
      for (let slice = 0; slice < 10; slice += 1) {
        clock.workedMs += 2.5
        yield
      }
      return withBundles(bundle('1'))
    },
    restore: () => undefined,
  }
  const { keeper } = keeperOf(many, file, clock)
  await keeper.resume(signal)
  const committing = keeper.commit(signal)
  await clock.advance(0)
  await committing
  expect(othersRanAtMs.slice(0, 5)).toEqual([5, 10, 15, 20, 25])
  expect(await kept()).toEqual(withBundles(bundle('1')))
})

it('a memory that could not be read at the start is neither lost nor unknown once it can be', async () => {
  await (await resumed(withBundles(bundle('7')))).keeper.commit(signal)
  let isRefused = true
  const { ledger, keeper, fetch } = await fetching(failing(() => (isRefused ? 'forbidden' : undefined)))
  isRefused = false
  fetch(bundle('1', { trustDomain: 'third.example' }))
  await keeper.commit(signal)
  expect(ledger.rememberedBundle('partner.example')).toEqual(bundle('7'))
  expect((await kept())?.bundles).toHaveLength(2)
})
