import { test as base, describe, expect, vi } from 'vitest'
import type { Fault } from './faultyRelay.ts'
import { ReflectorWorld, type ReflectorHarness } from './reflectorWorld.ts'
import { eventually } from './eventually.ts'
import { SkippingClock } from './skippingClock.ts'

const isWatch = (url: URL) => url.searchParams.has('watch')
const isWatchList = (url: URL) => url.searchParams.has('sendInitialEvents')

const tooOld = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version: 1 (2)' }
const noWatchList: Fault = {
  status: 422,
  body: {
    kind: 'Status',
    code: 422,
    message: 'ListOptions is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch',
  },
}
const failing: Fault = { status: 500, body: { kind: 'Status', code: 500, message: 'etcdserver: no leader' } }

const threeMinutes = 180_000

/** Fails the next `times` requests that match, and lets all others pass. */
function next(times: number, matches: (url: URL) => boolean, fault: Fault): (url: URL) => Fault | undefined {
  let left = times
  return (url) => (matches(url) && left-- > 0 ? fault : undefined)
}

/** Tests how a reflector behaves with an API server, embedded or real. */
export function reflectorSuite(name: string, start: () => Promise<ReflectorHarness>): void {
  const test = base.extend<{ world: ReflectorWorld }>({
    // eslint-disable-next-line no-empty-pattern -- vitest reads the fixtures that this one needs from the pattern
    world: async ({}, use) => {
      const world = await ReflectorWorld.start(await start())
      await use(world)
      await world.close()
    },
  })
  describe.concurrent(name, { timeout: 60_000 }, () => {
    describe('the first list', () => {
      test.for([
        { way: 'as a watch-list stream', fault: undefined, paged: false },
        { way: 'in pages, where the API server has no such stream', fault: noWatchList, paged: true },
      ])('comes $way', async ({ fault, paged }, { world }) => {
        for (const item of ['a', 'b', 'c', 'd', 'e']) await world.create(item, '1')
        world.relay.fault = (url) => (isWatchList(url) ? fault : undefined)
        const { recorder } = world.reflect({ pageSize: 2 })
        await eventually(() => expect(recorder.log).toContain('contact'))
        const items = ['listed a=1', 'listed b=1', 'listed c=1', 'listed d=1', 'listed e=1']
        expect([...recorder.log].sort()).toEqual([...items, 'listing', 'listed', 'contact'].sort())
        expect(recorder.log.at(0)).toBe('listing')
        expect(recorder.log.slice(-2)).toEqual(['listed', 'contact'])
        expect(world.relay.requests.some((url) => url.searchParams.has('continue'))).toBe(paged)
      })

      test('begins again if its history is forgotten between two pages', async ({ world }) => {
        for (const item of ['a', 'b', 'c']) await world.create(item, '1')
        const forgotten = next(1, (url) => url.searchParams.has('continue'), { status: 410, body: tooOld })
        world.relay.fault = (url) => (isWatchList(url) ? noWatchList : forgotten(url))
        const { recorder } = world.reflect({ pageSize: 1 })
        await vi.waitFor(() => expect(recorder.log).toContain('contact'), 5000)
        expect(recorder.log.filter((line) => line === 'listing' || line.startsWith('trouble'))).toEqual([
          'listing',
          'trouble expired',
          'listing',
        ])
        expect(recorder.known).toEqual(['a=1', 'b=1', 'c=1'])
      })

      test('waits for a resource that the API server does not have yet', async ({ world }) => {
        const { recorder } = world.reflect({ path: world.harness.thing.path })
        await vi.waitFor(() => expect(recorder.log).toContain('trouble not_found'), 5000)
        expect(recorder.log).not.toContain('contact')
        expect(recorder.troubles[0]?.missing).toBe('resource')
        await world.harness.thing.install()
        await world.createThing('a', '1')
        await vi.waitFor(() => expect(recorder.known).toEqual(['a=1']), 30_000)
      })
    })

    describe('changes', () => {
      test('come in order, none lost, none twice', async ({ world }) => {
        await world.create('before', '1')
        const { recorder } = await world.reflectUntilContact()
        const expected: string[] = []
        for (const item of Array.from({ length: 20 }, (_, index) => `item-${index}`)) {
          await world.create(item, '1')
          await world.update(item, '2')
          await world.delete(item)
          expected.push(`added ${item}=1`, `modified ${item}=2`, `deleted ${item}`)
        }
        await vi.waitFor(() => expect(recorder.changes).toHaveLength(expected.length), 5000)
        expect(recorder.changes).toEqual(expected)
        expect(recorder.known).toEqual(['before=1'])
      })

      test('since a known version are delivered after the first list', async ({ world }) => {
        const version = await world.create('a', '1')
        await world.update('a', '2')
        await world.create('b', '1')
        await world.delete('b')
        const { recorder } = await world.reflectUntilContact({ resumeFrom: version })
        await eventually(() => expect(recorder.changes).toHaveLength(3))
        expect(recorder.log).toEqual([
          'listing',
          'listed a=2',
          'listed',
          'contact',
          'modified a=2',
          'added b=1',
          'deleted b',
        ])
      })

      test('since a forgotten version cannot be delivered: the reflector lists again and continues', async ({
        world,
      }) => {
        const { thing } = world.harness
        await thing.install()
        await world.createThing('a', '1')
        const { recorder } = world.reflect({ path: thing.path, resumeFrom: await thing.forgottenVersion() })
        await vi.waitFor(() => expect(recorder.count('listed')).toBe(2), 5000)
        await world.createThing('b', '1')
        await vi.waitFor(() => expect(recorder.changes).toEqual(['added b=1']), 5000)
        expect(recorder.troubles.map(({ code }) => code)).toEqual(['expired'])
      })

      test('to an object that is refused affect no other object', async ({ world }) => {
        await world.create('bad', 'malformed')
        const { recorder } = await world.reflectUntilContact()
        await world.create('good', '1')
        await world.create('worse', 'malformed')
        await world.create('better', '1')
        await eventually(() => expect(recorder.known).toEqual(['better=1', 'good=1']))
        await world.delete('worse')
        await eventually(() => expect(recorder.log.at(-1)).toBe('deleted somebody unknown'))
        expect(recorder.log.filter((line) => line.startsWith('rejected'))).toEqual(['rejected bad', 'rejected worse'])
        expect(recorder.troubles).toEqual([])
      })

      test('elsewhere advance the version, and the next watch begins there', async ({ world }) => {
        world.relay.fault = (url) => (isWatch(url) && !isWatchList(url) ? { set: { timeoutSeconds: '4' } } : undefined)
        const { recorder } = await world.reflectUntilContact()
        const version = await world.createElsewhere()
        await vi.waitFor(() => expect(Number(recorder.version)).toBeGreaterThanOrEqual(Number(version)), 10_000)
        expect(recorder.progressed).toBeGreaterThan(0)
        await vi.waitFor(() => expect(world.lastWatchFrom()).toBeGreaterThanOrEqual(Number(version)), 10_000)
        expect(recorder.log).toEqual(['listing', 'listed', 'contact'])
      })
    })

    describe('after trouble', () => {
      test('a watch continues after a cut connection, without a list', async ({ world }) => {
        const { recorder } = await world.reflectUntilContact()
        await world.create('a', '1')
        await eventually(() => expect(recorder.known).toEqual(['a=1']))
        world.relay.cut()
        await world.update('a', '2')
        await world.delete('a')
        await world.create('b', '1')
        await vi.waitFor(() => expect(recorder.known).toEqual(['b=1']), 5000)
        expect(recorder.changes).toEqual(['added a=1', 'modified a=2', 'deleted a', 'added b=1'])
        expect(recorder.count('listing')).toBe(1)
        const sight = ['contact', 'trouble unreachable', 'contact']
        await eventually(() => expect(recorder.sight).toEqual(sight))
      })

      test.for([
        { ending: 'end', code: 'protocol' },
        { ending: 'destroy', code: 'unreachable' },
      ] as const)('half an object ($ending) comes again as a whole', async ({ ending, code }, { world }) => {
        const { recorder } = await world.reflectUntilContact()
        world.relay.halveNext(ending)
        await world.create('a', '1')
        await world.create('b', '1')
        await vi.waitFor(() => expect(recorder.known).toEqual(['a=1', 'b=1']), 5000)
        expect(recorder.changes).toEqual(['added a=1', 'added b=1'])
        expect(recorder.troubles.map((trouble) => trouble.code)).toEqual([code])
        expect(recorder.count('listing')).toBe(1)
      })

      test.for([
        { what: 'status', status: 410, body: tooOld },
        { what: 'event', status: 200, body: { type: 'ERROR', object: tooOld } },
      ])(
        'forgotten history (410 as $what) is listed anew, and what was deleted meanwhile is gone',
        async (fault, { world }) => {
          await world.create('a', '1')
          await world.create('b', '1')
          const { recorder } = await world.reflectUntilContact()
          world.relay.fault = next(1, isWatch, fault)
          world.relay.cut()
          await world.delete('a')
          await vi.waitFor(() => expect(recorder.log).toContain('trouble expired'), 5000)
          await vi.waitFor(() => expect(recorder.count('listed')).toBe(2), 5000)
          expect(recorder.known).toEqual(['b=1'])
          expect(recorder.log).not.toContain('deleted a')
        },
      )

      test('the reflector waits as long as the API server asks', async ({ world }) => {
        const { recorder } = await world.reflectUntilContact()
        world.relay.fault = next(1, isWatch, { status: 429, headers: { 'retry-after': '2' }, body: {} })
        world.relay.cut()
        await vi.waitFor(() => expect(recorder.log).toContain('trouble throttled'), 5000)
        expect(recorder.troubles.at(-1)?.retryInMs).toBe(2000)
        await world.create('a', '1')
        await vi.waitFor(() => expect(recorder.changes).toEqual(['added a=1']), 8000)
      })

      test('the reflector recovers from failures of the API server', async ({ world }) => {
        const { recorder } = await world.reflectUntilContact()
        world.relay.fault = next(2, () => true, failing)
        world.relay.cut()
        await world.create('a', '1')
        await vi.waitFor(() => expect(recorder.changes).toEqual(['added a=1']), 10_000)
        const failures = ['trouble unreachable', 'trouble server_error', 'trouble server_error']
        await eventually(() => expect(recorder.sight).toEqual(['contact', ...failures, 'contact']))
        expect(recorder.troubles.at(-1)?.message).toContain('etcdserver: no leader')
      })
    })

    describe('a dead watch, whose connection stays open,', () => {
      test('is resumed within 3 minutes where it was, without a list and without trouble', async ({ world }) => {
        const clock = new SkippingClock()
        const { recorder } = await world.reflectUntilContact({ clock })
        const version = await world.create('a', '1')
        await eventually(() => expect(recorder.known).toEqual(['a=1']))
        world.relay.freeze()
        await world.update('a', '2')
        await world.create('b', '1')
        clock.skip(threeMinutes)
        await eventually(() => expect(recorder.known).toEqual(['a=2', 'b=1']))
        expect(world.lastWatchFrom()).toBe(Number(version))
        expect(recorder.log).toEqual(['listing', 'listed', 'contact', 'added a=1', 'modified a=2', 'added b=1'])
      })

      test('is trouble once the API server does not answer when it is resumed', async ({ world }) => {
        const clock = new SkippingClock()
        const { recorder } = await world.reflectUntilContact({ clock })
        world.relay.freeze()
        world.relay.fault = () => ({ answer: 'never' })
        const asked = world.relay.requests.length
        clock.skip(threeMinutes)
        await eventually(() => expect(world.relay.requests.length).toBeGreaterThan(asked))
        expect(recorder.sight).toEqual(['contact'])
        clock.skip(30_000)
        await eventually(() => expect(recorder.sight).toEqual(['contact', 'trouble timeout']))
        world.relay.fault = () => undefined
        await eventually(() => expect(recorder.sight).toEqual(['contact', 'trouble timeout', 'contact']))
        expect(recorder.count('listing')).toBe(1)
      })
    })

    test('a watch without bookmarks is resumed after each silence, and its answer is evidence', async ({ world }) => {
      const clock = new SkippingClock()
      world.relay.fault = (url) =>
        isWatch(url) && !isWatchList(url) ? { set: { allowWatchBookmarks: 'false' } } : undefined
      const { recorder } = await world.reflectUntilContact({ clock })
      for (let silences = 0; silences < 3; silences += 1) {
        const [asked, contacts] = [world.relay.requests.length, recorder.contacts]
        clock.skip(threeMinutes)
        await eventually(() => expect(world.relay.requests.length).toBe(asked + 1))
        await eventually(() => expect(recorder.contacts).toBeGreaterThan(contacts))
      }
      expect(recorder.log).toEqual(['listing', 'listed', 'contact'])
    })

    describe('the end', () => {
      test('is prompt while it watches', async ({ world }) => {
        const { stop, recorder } = await world.reflectUntilContact()
        await expect(stop()).resolves.toBeUndefined()
        expect(recorder.troubles).toEqual([])
      })

      test('is prompt while it waits', async ({ world }) => {
        world.relay.fault = () => ({ status: 503, headers: { 'retry-after': '60' }, body: {} })
        const { stop, recorder } = world.reflect()
        await eventually(() => expect(recorder.log).toEqual(['trouble server_error']))
        await expect(stop()).resolves.toBeUndefined()
      })
    })
  })
}
