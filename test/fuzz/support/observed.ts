import assert from 'node:assert/strict'
import type { Clock } from '../../../src/clock.ts'
import type { KubernetesClient, LinesOptions } from '../../../src/kubernetes/client.ts'
import { KubernetesError } from '../../../src/kubernetes/kubernetesError.ts'
import { ListBudget } from '../../../src/kubernetes/listBudget.ts'
import { sourceNames } from '../../../src/ledger/sight/observations.ts'
import type { Observation } from '../../../src/ledger/observations.ts'
import { rejectionReasons, troubleReasons } from '../../../src/ledger/sight/reasons.ts'
import type { Source } from '../../../src/sources/source.ts'
import { ManualClock } from '../../support/manualClock.ts'
import { assertDetail, assertLabel, assertTime } from './oracles.ts'

/** What sources of Kubernetes objects are made from. */
export interface Parts {
  readonly client: KubernetesClient
  readonly clock: Clock
  readonly pageSize: number
}

const noWatchList = new KubernetesError('protocol', 'sendInitialEvents is forbidden', { status: 422 })
const silent = new KubernetesError('timeout', 'the watch says nothing')
export const emptyList = { metadata: { resourceVersion: '9' }, items: [] }

/** An API server that answers the first list with `page`; `listed` is called when a watch begins, which stays silent. */
class AnsweringClient implements KubernetesClient {
  readonly budget = new ListBudget(1)
  readonly #listed: () => void
  #pages: unknown[]

  constructor(page: unknown, listed: () => void) {
    this.#pages = [page]
    this.#listed = listed
  }

  request(): Promise<unknown> {
    return Promise.resolve(this.#pages.length === 0 ? emptyList : this.#pages.shift())
  }

  lines(_path: string, { query = {} }: LinesOptions): Promise<AsyncIterable<string>> {
    if (query.sendInitialEvents !== undefined) return Promise.reject(noWatchList)
    this.#listed()
    return Promise.reject(silent)
  }

  close(): void {
    this.#pages = []
  }

  describe(): string {
    return 'a server that answers what it is given'
  }
}

/** What a source reports of a first list, until it has read it well or given up. */
export async function observed(create: (parts: Parts) => Source, page: unknown): Promise<readonly Observation[]> {
  const observations: Observation[] = []
  const clock = new ManualClock()
  const end = new AbortController()
  const client = new AnsweringClient(page, () => end.abort())
  const source = create({ client, clock, pageSize: 500 })
  const report = (observation: Observation) => {
    observations.push(observation)
    if (observation.kind === 'trouble') end.abort()
  }
  source.start(report, end.signal)
  await source.close()
  return observations
}

/**
 * Everything in it is what its reader may count on: documented reasons, printable texts of bounded length, times that are some.
 * Of what is deleted, or cannot be read, nothing is kept.
 */
export function assertObservation(observation: Observation): void {
  if (observation.kind === 'rejected') {
    assert.ok(Object.hasOwn(rejectionReasons, observation.reason))
    assertDetail(observation.detail)
  }
  if (observation.kind === 'trouble') {
    assert.ok(Object.hasOwn(troubleReasons, observation.reason))
    assert.notEqual(observation.reason, 'internal', observation.detail)
  }
  if ('source' in observation) assert.ok(sourceNames.includes(observation.source))
  if (!observation.kind.endsWith('eleted') && observation.kind !== 'unread') assertValues(observation)
}

/** The longest of all is a SPIFFE ID. */
const maxLabelLength = 2_048

function assertValues(value: unknown, name = ''): void {
  if (typeof value === 'number') {
    assert.ok(Number.isFinite(value), name)
    if (name.endsWith('Ms')) assertTime(value)
  } else if (typeof value === 'string') {
    assertLabel(value, maxLabelLength)
  } else if (typeof value === 'object' && value !== null) {
    for (const [inner, member] of Object.entries(value)) assertValues(member, inner)
  }
}
