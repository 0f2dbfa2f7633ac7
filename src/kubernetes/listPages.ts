import { TooLongError } from '../http/tooLongError.ts'
import { Breather } from '../breather.ts'
import { deliver, type Receiver } from './deliver.ts'
import { isRecord, metaOf } from './json.ts'
import { KubernetesError } from './kubernetesError.ts'
import { shareBytes } from './listBudget.ts'
import { PageSize } from './pageSize.ts'
import { selection, type WatchTarget } from './watch.ts'

const timeoutMs = 60_000

/**
 * Lists in pages of at most `pageSize` objects, all as of one resourceVersion. A page that is longer than a share of the client's
 * budget is asked for again with fewer objects. One object that is longer is rejected, and the list goes on after it. Resolves with the
 * resourceVersion. Throws KubernetesError; `expired` if the list took longer than the API server keeps its history.
 */
export async function listPages<T>(target: WatchTarget, pageSize: number, receiver: Receiver<T>): Promise<string> {
  const size = new PageSize(pageSize)
  let next = ''
  let resourceVersion = ''
  do {
    const release = await target.client.budget.take(target.signal)
    try {
      const page = await nextPage(target, size, next)
      if (resourceVersion === '') receiver.handler.listing()
      await deliverPage(page, target, receiver)
      ;({ next, resourceVersion } = page)
    } finally {
      release()
    }
  } while (next !== '')
  return resourceVersion
}

interface Page {
  readonly items: readonly unknown[]
  /** The token that continues the list; '' after the last page. */
  readonly next: string
  readonly resourceVersion: string
  /** Whether it has only the metadata of one object that is too large to be read. */
  readonly isOversized: boolean
}

async function deliverPage<T>(
  { items, isOversized }: Page,
  { clock }: WatchTarget,
  receiver: Receiver<T>,
): Promise<void> {
  const breather = new Breather(clock)
  for (const object of items) {
    deliver({ type: 'ADDED', object, meta: metaOf(object), isOversized }, true, receiver)
    await breather.breathe()
  }
}

async function nextPage(target: WatchTarget, size: PageSize, token: string): Promise<Page> {
  for (;;) {
    try {
      const page = await askPage(target, { limit: size.size, token })
      size.fitted()
      return page
    } catch (thrown) {
      if (!isTooLong(thrown)) throw thrown
      if (!size.wasTooLong()) return oversizedPage(target, token)
    }
  }
}

/** API servers can send only the metadata of a list's objects (Kubernetes API concepts, "Alternate representations of resources"). */
const metadataType = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'

/**
 * Returns the page of one object that is too large. Without a token, the list may have changed since its first object was found to be:
 * then that object is returned as of the same resourceVersion, if it can be read.
 */
async function oversizedPage(target: WatchTarget, token: string): Promise<Page> {
  const page = await askPage(target, { limit: 1, token, accept: metadataType })
  const oversized = { ...page, isOversized: true }
  if (token !== '') return oversized
  try {
    return await askPage(target, { limit: 1, token, exactly: page.resourceVersion })
  } catch (thrown) {
    if (isTooLong(thrown)) return oversized
    throw thrown
  }
}

interface PageRequest {
  readonly limit: number
  readonly token: string
  /** The resourceVersion of the list; any by default. */
  readonly exactly?: string
  readonly accept?: string
}

async function askPage(
  { client, path, signal, ...selectors }: WatchTarget,
  { limit, token, exactly, accept }: PageRequest,
): Promise<Page> {
  const query = {
    limit: String(limit),
    ...selection(selectors),
    ...(token !== '' && { continue: token }),
    ...(exactly !== undefined && { resourceVersion: exactly, resourceVersionMatch: 'Exact' }),
  }
  return parsePage(await client.request('GET', path, { query, signal, timeoutMs, maxBytes: shareBytes, accept }), path)
}

function isTooLong(thrown: unknown): boolean {
  return thrown instanceof KubernetesError && thrown.cause instanceof TooLongError
}

function parsePage(answer: unknown, path: string): Page {
  const { resourceVersion } = metaOf(answer)
  if (!isRecord(answer) || !Array.isArray(answer.items) || resourceVersion === '') {
    throw new KubernetesError(
      'protocol',
      `GET ${path}: the answer is not a list with items and a metadata.resourceVersion`,
    )
  }
  const next = isRecord(answer.metadata) ? answer.metadata.continue : undefined
  return { items: answer.items, next: typeof next === 'string' ? next : '', resourceVersion, isOversized: false }
}
