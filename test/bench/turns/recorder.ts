/**
 * Preloaded into a program (`node --import`), it records the turns of the event loop of its main thread: told `begin`, it sends
 * `begun` from the first turn that counts; told `end`, it sends the longest turn since (`Longest`). It is told so by the process
 * that has started it.
 */
/* eslint-disable no-restricted-globals -- the event loop itself is what is measured */
import { once } from 'node:events'
import { Session } from 'node:inspector/promises'
import { longestOf, tracedCategories, type Longest, type TraceEvent } from './longest.ts'

/** Node keeps 65,536 events until the end. If there are more, they come earlier, and taking them counts as the program's own time. */
const session = new Session()
session.connect()
let events: TraceEvent[] = []
session.on('NodeTracing.dataCollected', ({ params }) => {
  events = events.concat(params.value as TraceEvent[])
})

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

/** Begins to record turns. Resolves in the first one that counts. */
export async function begin(): Promise<'begun'> {
  await session.post('NodeTracing.start', { traceConfig: { includedCategories: [...tracedCategories] } })
  await nextTurn()
  return 'begun'
}

/** Ends the recording, and returns the longest turn. */
export async function end(): Promise<Longest> {
  // The turn of the message ends before the recording does.
  for (let count = 0; count < 2; count += 1) await nextTurn()
  const complete = once(session, 'NodeTracing.tracingComplete')
  await session.post('NodeTracing.stop')
  await complete
  const recorded = events
  events = []
  return longestOf(recorded)
}

process.on('message', (message) => {
  const send = (answer: 'begun' | Longest) => process.send?.(answer)
  if (message === 'begin') void begin().then(send)
  else if (message === 'end') void end().then(send)
})
