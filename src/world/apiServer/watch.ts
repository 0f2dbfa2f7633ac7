import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Clock } from '../../clock.ts'
import { ChangeFeed } from './changeFeed.ts'
import type { ListOptions } from './options.ts'
import type { Target } from './paths.ts'
import { selects } from './selector.ts'
import { apiErrorOf, tooLargeResourceVersion } from './status.ts'
import type { ObjectStore } from './store.ts'
import { addedLine, bookmarkLine, changeLine, errorLine } from './watchEvents.ts'

const bookmarkEveryMs = 60_000
/** The last bookmark comes so long before the watch ends. */
const lastBookmarkMs = 2_000
/** The API server ends a watch without timeoutSeconds after 30 to 60 minutes. */
const minTimeoutMs = 1_800_000
/** A watcher that does not read its socket is cut when so many changes wait for it. */
const maxBacklog = 10_000

/** Streams the changes of a collection, one JSON document a line, until the client leaves or the time is over. */
export async function serveWatch(
  { store, clock }: { readonly store: ObjectStore; readonly clock: Clock },
  target: Target,
  options: ListOptions,
  response: ServerResponse,
): Promise<void> {
  const feed = new ChangeFeed(() => store.revision)
  const ended = new AbortController()
  response.once('close', () => {
    ended.abort()
    feed.end()
  })
  const timeoutMs = options.timeoutMs ?? minTimeoutMs * (1 + clock.random())
  void clock.sleep(timeoutMs, ended.signal).then(() => {
    feed.end()
    if (response.writableNeedDrain) response.destroy()
  })
  if (options.allowWatchBookmarks) void bookmarkInTime(clock, feed, timeoutMs, ended.signal)
  response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
  const lines = watchLines(store, target, options, feed, () => response.writableNeedDrain && response.destroy())
  await pipeline(lines, response)
}

async function bookmarkInTime(clock: Clock, feed: ChangeFeed, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const lastMs = clock.monotonicMs() + timeoutMs - lastBookmarkMs
  while (!signal.aborted) {
    const untilLastMs = lastMs - clock.monotonicMs()
    await clock.sleep(untilLastMs > 0 ? Math.min(untilLastMs, bookmarkEveryMs) : bookmarkEveryMs, signal)
    feed.bookmark()
  }
}

/** Once a watch has begun, what is wrong with it is told as an event and ends it. */
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
    for await (const news of feed) {
      const line = 'change' in news ? changeLine(news.change, selected) : bookmarkLine(type, news.bookmark)
      if (line !== undefined) yield line
    }
  } finally {
    unfollow()
  }
}
