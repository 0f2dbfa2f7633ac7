import { Silence } from '../http/silence.ts'
import { Breather } from '../breather.ts'
import { deliver, type Receiver } from './deliver.ts'
import { KubernetesError } from './kubernetesError.ts'
import { openWatch, type WatchTarget } from './watch.ts'
import { endsInitialEvents } from './watchEvent.ts'

/** The longest time for a list. 100,000 objects take a busy machine more than a minute. */
const timeoutS = 900

/** After this long without an object, no end mark will come: an API server without streaming lists answers with a watch. */
const silentMs = 60_000

/**
 * Lists through a stream that sends every object and then marks the end ("streaming lists", Kubernetes 1.32 and later). Neither
 * side has to hold the list in memory. Resolves with the list's resourceVersion; with undefined if the API server has no
 * streaming lists: it refuses the parameter, or ignores it, and there is no end mark. Throws KubernetesError.
 */
export async function watchList<T>(target: WatchTarget, receiver: Receiver<T>): Promise<string | undefined> {
  const { clock, signal } = target
  const query = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }
  const silence = new Silence(clock, silentMs, signal)
  try {
    const events = await openWatch({ ...target, signal: silence.signal }, timeoutS, query)
    const breather = new Breather(clock)
    receiver.handler.listing()
    for await (const event of events) {
      silence.broken()
      if (event.type === 'BOOKMARK') return endsInitialEvents(event) ? event.meta.resourceVersion : undefined
      deliver(event, true, receiver)
      await breather.breathe()
    }
    return undefined
  } catch (thrown) {
    if (silence.isTooLong || isRefusal(thrown)) return undefined
    throw thrown
  } finally {
    silence.end()
  }
}

/** Reports whether the API server refused the parameters of a streaming list, rather than the request as such. */
function isRefusal(thrown: unknown): boolean {
  if (!(thrown instanceof KubernetesError) || ![400, 403, 422].includes(thrown.status ?? 0)) return false
  return /sendInitialEvents|resourceVersionMatch/.test(thrown.message)
}
