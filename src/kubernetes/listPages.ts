import { TooLongError } from '../http/readBody.ts'
import { Breather } from '../breather.ts'
import { deliver, type Receiver } from './deliver.ts'
import { isRecord, metaOf } from './json.ts'
import { KubernetesError } from './kubernetesError.ts'
import { selection, type WatchTarget } from './watch.ts'

const timeoutMs = 60_000

/**
 * Lists in pages of at most `pageSize` objects, all as of one resourceVersion. Resolves with that resourceVersion. Throws
 * KubernetesError; `expired` if the list took longer than the API server keeps its history.
 */
export async function listPages<T>(
  { client, clock, path, labelSelector, signal }: WatchTarget,
  pageSize: number,
  receiver: Receiver<T>,
): Promise<string> {
  const first = { limit: String(pageSize), ...selection(labelSelector) }
  const breather = new Breather(clock)
  let next = ''
  let resourceVersion = ''
  do {
    const query = next === '' ? first : { ...first, continue: next }
    const page = parsePage(await client.request('GET', path, { query, signal, timeoutMs }), path)
    if (resourceVersion === '') receiver.handler.listing()
    for (const object of page.items) {
      deliver({ type: 'ADDED', object, meta: metaOf(object) }, true, receiver)
      await breather.breathe()
    }
    resourceVersion = page.resourceVersion
    next = page.next
  } while (next !== '')
  return resourceVersion
}

/** Reports whether a page was too long, so that smaller pages may help. */
export function isTooLong(thrown: unknown): boolean {
  return thrown instanceof KubernetesError && thrown.cause instanceof TooLongError
}

function parsePage(
  answer: unknown,
  path: string,
): { items: readonly unknown[]; next: string; resourceVersion: string } {
  const { resourceVersion } = metaOf(answer)
  if (!isRecord(answer) || !Array.isArray(answer.items) || resourceVersion === '') {
    throw new KubernetesError(
      'protocol',
      `GET ${path}: the answer is not a list with items and a metadata.resourceVersion`,
    )
  }
  const next = isRecord(answer.metadata) ? answer.metadata.continue : undefined
  return { items: answer.items, next: typeof next === 'string' ? next : '', resourceVersion }
}
