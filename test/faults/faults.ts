import type { Fault } from '../support/faultyRelay.ts'
import { isCheckpointWrite, isLaterPage, isWatch, isWatchList, type Stage } from './stage.ts'

const status = (code: number, reason: string, message: string) => ({ kind: 'Status', code, reason, message })
const refusal = (code: number, reason: string, message: string): Fault => ({
  status: code,
  body: status(code, reason, message),
})
const expired = status(410, 'Expired', 'too old resource version: 1 (2)')
const noWatchList = refusal(
  422,
  'Invalid',
  'ListOptions is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch',
)

/** What can go wrong, by name. Each resolves when it has happened and svidwatch has had the time to get over it. */
export const faults = {
  'history forgotten, as a status': (stage: Stage) =>
    breakWatch(stage, stage.next(1, isWatch, { status: 410, body: expired })),

  'history forgotten, as an event': (stage: Stage) =>
    breakWatch(stage, stage.next(1, isWatch, { status: 200, body: { type: 'ERROR', object: expired } })),

  'history forgotten between two pages of a list': async (stage: Stage) => {
    const again = stage.always(isWatchList, noWatchList)
    const begun = stage.next(1, isWatch, { status: 410, body: expired })
    await breakWatch(
      stage,
      stage.next(1, isLaterPage, refusal(410, 'Expired', 'The provided continue parameter is too old')),
    )
    await begun
    again()
  },

  'connections reset': (stage: Stage) => stage.untilWatched(() => stage.relay.reset()),

  'end in mid-object': (stage: Stage) => stage.untilWatched(() => stage.relay.halveNext('end', isWatch)),

  'too many requests': (stage: Stage) =>
    breakWatch(
      stage,
      stage.next(1, isWatch, { ...refusal(429, 'TooManyRequests', 'slow down'), headers: { 'retry-after': '2' } }),
    ),

  'server errors in a row': (stage: Stage) =>
    breakWatch(stage, stage.next(3, isWatch, refusal(500, 'InternalError', 'etcdserver: no leader'))),

  'API server gone': (stage: Stage) => stage.untilWatched(() => stage.outage()),

  'API server restarted': (stage: Stage) => stage.untilWatched(() => stage.restart()),

  'checkpoint in conflict': (stage: Stage) =>
    stage.next(3, isCheckpointWrite, refusal(409, 'Conflict', 'the object has been modified')),

  'checkpoint refused': (stage: Stage) =>
    stage.next(3, isCheckpointWrite, refusal(403, 'Forbidden', 'configmaps "svidwatch" is forbidden')),

  'answer to a checkpoint lost': (stage: Stage) => stage.next(1, isCheckpointWrite, { answer: 'lost' }),
} satisfies Readonly<Record<string, (stage: Stage) => Promise<void>>>

export type FaultName = keyof typeof faults
export const faultNames = Object.keys(faults) as FaultName[]

/** After these, svidwatch is told that there is no history to go on from. */
export const forgettingFaults: readonly FaultName[] = [
  'history forgotten, as a status',
  'history forgotten, as an event',
  'history forgotten between two pages of a list',
  'API server restarted',
]

/** Ends the watch, so that svidwatch meets what is prepared for the next one; resolves when it is over that. */
async function breakWatch(stage: Stage, met: Promise<void>): Promise<void> {
  await stage.untilWatched(async () => {
    stage.relay.cut()
    await met
  })
}
