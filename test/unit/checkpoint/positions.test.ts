import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Committer } from '../../../src/checkpoint/committer.ts'
import { ConfigMapStore } from '../../../src/checkpoint/configMapStore.ts'
import { FileStore } from '../../../src/checkpoint/fileStore.ts'
import type { StateStore } from '../../../src/checkpoint/stateStore.ts'
import { createClientFromText } from '../../../src/kubernetes/client.ts'
import { parseCheckpoint, type Checkpoint } from '../../../src/ledger/issuance/checkpoint.ts'
import { Totals } from '../../../src/ledger/issuance/totals.ts'
import { ManualClock } from '../../support/manualClock.ts'
import { startTestApi } from '../../support/testApi.ts'
import { realFiles } from '../../support/realFiles.ts'

const signal = new AbortController().signal

/** Makes a store for each process, all of them of one place. */
type Place = () => Promise<() => StateStore>

const configMap: Place = async () => {
  const api = await startTestApi()
  const client = createClientFromText(api.server.kubeconfig, api.clock)
  onTestFinished(async () => {
    client.close()
    await api.close()
  })
  return () => new ConfigMapStore(client, 'monitoring', 'svidwatch-state')
}

const file: Place = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'svidwatch-state-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return () => new FileStore(join(folder, 'state.json'), realFiles)
}

interface ProcessOptions {
  readonly clock?: ManualClock
  /** The namespace that it watches; undefined: the whole cluster. */
  readonly namespace?: string
  readonly problems?: string[]
}

/** A process that has counted up to a position. Its name stands in the list of open requests, and the position, so that each checkpoint has something new. */
async function process(
  store: StateStore,
  name: string,
  { clock = new ManualClock(), namespace, problems }: ProcessOptions = {},
) {
  let checkpoint: Checkpoint | undefined
  const committed: Checkpoint[] = []
  const ledger = {
    checkpoint: () => checkpoint,
    showNothing: () => undefined,
    showCommittedOnly: () => undefined,
    showUncommitted: () => undefined,
    committed: (one: Checkpoint) => committed.push(one),
  }
  const committer = new Committer({
    ...{ ledger, store, clock, intervalMs: 1000, namespaces: namespace === undefined ? undefined : [namespace] },
    onProblem: (message) => (problems ? problems.push(message) : expect.fail(message)),
  })
  await committer.resume(signal, () => undefined)
  return async (resourceVersion: string) => {
    checkpoint = {
      totals: new Totals().snapshot(),
      positions: [
        {
          ...(namespace !== undefined && { namespace }),
          resourceVersion,
          open: [name, `at ${resourceVersion}`],
          newestCreatedMs: 0,
          recent: { sinceMs: 0, settled: [] },
        },
      ],
    }
    await committer.commit(signal)
    return committed.at(-1) === checkpoint
  }
}

async function writer(store: StateStore): Promise<unknown> {
  const loaded = await store.load('checkpoint.json', signal)
  const parsed = parseCheckpoint('text' in loaded ? (loaded.text ?? '') : '')
  return 'checkpoint' in parsed ? parsed.checkpoint.positions[0]?.open[0] : parsed.problem
}

describe.each([
  ['a ConfigMap', configMap],
  ['a file', file],
])('in %s', (_place, place) => {
  describe.each([
    ['neither found a checkpoint', false],
    ['both found one', true],
  ])('of two processes where %s', (_, exists) => {
    it.each([
      ['later', '100', true, 'second'],
      ['the same', '99', true, 'second'],
      ['earlier', '98', false, 'first'],
      ['earlier, with fewer digits,', '9', false, 'first'],
    ])('one with %s position after the other', async (_case, position, isCommitted, last) => {
      const open = await place()
      if (exists) await (await process(open(), 'before'))('5')
      const [first, second] = [await process(open(), 'first'), await process(open(), 'second')]
      expect(await first('99')).toBe(true)
      expect(await second(position)).toBe(isCommitted)
      expect(await writer(open())).toBe(last)
    })
  })

  it('a process goes on from a history that was set back under it', async () => {
    const open = await place()
    const only = await process(open(), 'only')
    expect([await only('99'), await only('50')]).toEqual([true, true])
  })

  it('a checkpoint that somebody has broken is written over', async () => {
    const open = await place()
    const only = await process(open(), 'only')
    await only('5')
    await open().save('checkpoint.json', () => 'nonsense', signal)
    expect(await only('6')).toBe(true)
    expect(await writer(open())).toBe('only')
  })

  describe('of two processes that watch other namespaces', () => {
    it.each([
      ['team-a', 'team-b', 'team-b'],
      ['team-a', undefined, 'all namespaces'],
      [undefined, 'team-b', 'team-b'],
    ])(
      'the first (%s) does not overwrite what the second (%s) stores while it runs, and says so',
      async (one, two, named) => {
        const open = await place()
        const clock = new ManualClock()
        const problems: string[] = []
        const watched = (namespace: string | undefined) => ({ clock, problems, ...(namespace && { namespace }) })
        const first = await process(open(), 'first', watched(one))
        expect(await first('10')).toBe(true)
        const second = await process(open(), 'second', watched(two))
        for (const version of ['20', '30', '40']) {
          expect(await second(version)).toBe(true)
          await clock.advance(60_000)
          expect(await first(`${version}0`)).toBe(false)
        }
        expect(await writer(open())).toBe('second')
        expect(problems).toEqual([expect.stringContaining(`another svidwatch, which watches ${named}, writes it too`)])
      },
    )

    it('the newer one goes on once the older one, of other namespaces, has ended', async () => {
      const open = await place()
      const clock = new ManualClock()
      const problems: string[] = []
      const older = await process(open(), 'older', { clock, namespace: 'team-a' })
      expect(await older('10')).toBe(true)
      const newer = await process(open(), 'newer', { clock, namespace: 'team-b', problems })
      expect(await older('20')).toBe(true)
      expect(await newer('30')).toBe(false)
      await clock.advance(120_000)
      expect(await newer('31')).toBe(false)
      await clock.advance(1)
      expect(await newer('32')).toBe(true)
      expect(problems).toHaveLength(1)
    })
  })
})
