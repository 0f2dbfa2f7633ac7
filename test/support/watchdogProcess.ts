import { KillSwitch } from '../../src/watchdog/killSwitch.ts'
import { Actor } from '../../src/watchdog/act.ts'
import type { Acted, Settled } from '../../src/watchdog/acted.ts'
import { PodEvents } from '../../src/kubernetes/podEvents.ts'
import type { Intent } from '../../src/watchdog/reservation.ts'
import { parseHistory, testHistory } from './actHistory.ts'
import type { Candidate, Election } from './election.ts'

/** A process that leads now and then, and has to evict one pod. */
export interface WatchdogProcess extends Candidate {
  readonly acted: Acted[]
  readonly settled: Settled[]
  /** Why reservations stay open, as last looked up. */
  waiting: readonly string[]
  /** Called before the first act. */
  onReady: () => void
}

const switchName = ['monitoring', 'svidwatch-watchdog'] as const

/** Sets the kill switch. */
export function setSwitch({ store }: Election, data: Readonly<Record<string, string>> | undefined): void {
  const [namespace, name] = switchName
  if (store.get('configmaps', namespace, name)) store.delete('configmaps', namespace, name)
  if (data === undefined) return
  store.create('configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name }, data })
}

/** Joins the election with a process that evicts `intent.pod` unless its history says that it was, and looks every second. */
export function joinWatchdog(election: Election, intent: Intent): WatchdogProcess {
  const { clock } = election
  const acted: Acted[] = []
  const settled: Settled[] = []
  let actor: Actor | undefined
  const candidate = election.join({
    lead: async (leadership, { client }, signal) => {
      actor ??= new Actor({
        ...{ clock, client, history: testHistory },
        killSwitch: new KillSwitch(client, ...switchName),
        events: new PodEvents({ clock, client, controller: 'svidwatch.io/watchdog', instance: 'test' }),
      })
      joined.onReady()
      const until = AbortSignal.any([leadership.signal, signal])
      while (!until.aborted) {
        const looked = await actor.settleOpen(leadership)
        settled.push(...looked.settled)
        joined.waiting = looked.waiting.map(({ reason }) => reason)
        if (!isDone(leadership.text, intent)) acted.push(await actor.act(leadership, intent))
        await clock.sleep(1_000, until)
      }
    },
  })
  const joined: WatchdogProcess = Object.assign(candidate, { acted, settled, waiting: [], onReady: () => undefined })
  return joined
}

const effects = ['evicted', 'presumed', 'gone', 'replaced']

const isDone = (text: string | undefined, { pod }: Intent): boolean =>
  !('problem' in testHistory.open(text)) &&
  parseHistory(text).settled.some((one) => one.pod.uid === pod.uid && effects.includes(one.code))
