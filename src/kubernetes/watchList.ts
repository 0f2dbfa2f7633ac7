import { Silence } from '../http/silence.ts'
import { Breather } from '../breather.ts'
import { deliver, type Receiver } from './deliver.ts'
import { KubernetesError } from './kubernetesError.ts'
import { openWatch, type WatchTarget } from './watch.ts'
import { endsInitialEvents } from './watchEvent.ts'

/** 100,000 objects take a busy machine more than a minute: a list goes on as long as objects come, within reason. */
const timeoutS = 900

/** After this long without any, the end will never be marked: an API server that knows nothing of it goes on as a watch. */
const silentMs = 60_000

/**
 * Lists through a stream that sends every object and then marks the end (Kubernetes 1.32 and later: "streaming lists"),
 * which neither side has to hold in memory. Resolves with the list's resourceVersion, or with undefined where the API server
 * has no such streams: it refuses the parameter, or ignores it, so that there is no mark. Throws KubernetesError.
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

/** Whether an API server has said that it has no such streams, rather than that it does not want to answer. */
function isRefusal(thrown: unknown): boolean {
  if (!(thrown instanceof KubernetesError) || ![400, 403, 422].includes(thrown.status ?? 0)) return false
  return /sendInitialEvents|resourceVersionMatch/.test(thrown.message)
}
