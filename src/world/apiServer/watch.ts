import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Clock } from '../../clock.ts'
import type { Backend } from './backend.ts'
import { ChangeFeed } from './changeFeed.ts'
import type { ListOptions } from './options.ts'
import type { Target } from './paths.ts'
import { selects } from './selector.ts'
import { apiErrorOf, tooLargeResourceVersion } from './status.ts'
import type { ObjectStore } from './store.ts'
import { addedLine, bookmarkLine, changeLine, errorLine } from './watchEvents.ts'

const bookmarkEveryMs = 60_000
/** How long before the end of the watch the last bookmark comes. */
const lastBookmarkMs = 2_000
/** The API server ends a watch without timeoutSeconds after 30 to 60 minutes. */
const minTimeoutMs = 1_800_000
/** A watcher that does not read its socket is disconnected when this many changes are waiting for it. */
const maxBacklog = 10_000

/** Streams the changes of a collection, one JSON document per line, until the client disconnects or the timeout has passed. */
export async function serveWatch(
  { store, clock, resources }: Pick<Backend, 'store' | 'clock' | 'resources'>,
  target: Target,
  options: ListOptions,
  response: ServerResponse,
): Promise<void> {
  const feed = new ChangeFeed(() => store.revision)
  const ended = new AbortController()
  const unfollow = resources.onDeleted(target.type, () => feed.end())
  response.once('close', () => {
    unfollow()
    ended.abort()
    feed.end()
  })
  const timeoutMs = options.timeoutMs ?? minTimeoutMs * (1 + clock.random())
  void clock.sleep(timeoutMs, ended.signal).then(() => {
    feed.end()
    if (response.writableNeedDrain) response.destroy()
  })
  if (options.allowWatchBookmarks) void sendBookmarks(clock, feed, timeoutMs, ended.signal)
  response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
  const lines = watchLines(store, target, options, feed, () => response.writableNeedDrain && response.destroy())
  await pipeline(lines, response)
}

async function sendBookmarks(clock: Clock, feed: ChangeFeed, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const lastMs = clock.monotonicMs() + timeoutMs - lastBookmarkMs
  while (!signal.aborted) {
    const untilLastMs = lastMs - clock.monotonicMs()
    await clock.sleep(untilLastMs > 0 ? Math.min(untilLastMs, bookmarkEveryMs) : bookmarkEveryMs, signal)
    feed.bookmark()
  }
}

/** Returns the lines of a watch. An error is the last line, because the answer has already begun. */
async function* watchLines(
  store: ObjectStore,
  target: Target,
  options: ListOptions,
  feed: ChangeFeed,
  cutIfSlow: () => void,
): AsyncGenerator<string> {
  const { type } = target
  const { resourceVersion: asked = 0, sendInitialEvents, allowWatchBookmarks, selector } = options
  const selected = selects(target, selector)
  const start = sendInitialEvents ? store.revision : asked
  let unfollow
  try {
    if (sendInitialEvents && asked > start) throw tooLargeResourceVersion(asked, start)
    unfollow = store.follow(type.plural, start, (change) => {
      if (feed.backlog >= maxBacklog) cutIfSlow()
      feed.push(change)
    })
  } catch (thrown) {
    yield errorLine(apiErrorOf(thrown, target))
    return
  }
  try {
    if (sendInitialEvents) yield* store.snapshot(type.plural, start).filter(selected).map(addedLine)
    if (sendInitialEvents && allowWatchBookmarks) yield bookmarkLine(type, start, 'initialEventsEnd')
    for await (const event of feed) {
      const line = 'change' in event ? changeLine(event.change, selected) : bookmarkLine(type, event.bookmark)
      if (line !== undefined) yield line
    }
  } finally {
    unfollow()
  }
}
