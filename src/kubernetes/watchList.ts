import { Breather } from './breather.ts'
import { deliver, type Receiver } from './deliver.ts'
import { KubernetesError } from './kubernetesError.ts'
import { openWatch, type WatchTarget } from './watch.ts'
import { endsInitialEvents } from './watchEvent.ts'

/** Longer than the largest cluster takes, so that an API server that never marks the end does not hold up the start for good. */
const timeoutS = 60

/**
 * Lists through a stream that sends every object and then marks the end (Kubernetes 1.32 and later: "streaming lists"),
 * which neither side has to hold in memory. Resolves with the list's resourceVersion, or with undefined where there
 * is no such mark, because an API server that knows nothing of it ignores the parameter. Throws KubernetesError.
 */
export async function watchList<T>(target: WatchTarget, receiver: Receiver<T>): Promise<string | undefined> {
  const query = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }
  const events = await openWatch(target, timeoutS, query)
  const breather = new Breather(target.clock)
  receiver.handler.listing()
  for await (const event of events) {
    if (event.type === 'BOOKMARK') return endsInitialEvents(event) ? event.meta.resourceVersion : undefined
    deliver(event, true, receiver)
    await breather.breathe()
  }
  return undefined
}

/** Whether an API server has said that it has no such streams, rather than that it does not want to answer. */
export function isWatchListRefusal(thrown: unknown): boolean {
  if (!(thrown instanceof KubernetesError) || ![400, 403, 422].includes(thrown.status ?? 0)) return false
  return /sendInitialEvents|resourceVersionMatch/.test(thrown.message)
}
