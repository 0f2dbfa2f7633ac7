import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { systemClock } from '../../src/clock.ts'
import { credentialsFromText } from '../../src/kubernetes/credentials.ts'
import type { LifecyclesOptions, Progress } from './lifecycles.ts'
import type { Size } from './size.ts'
import type { World } from './world.ts'

/** What the process of an embedded API server is told, and what it tells. */
export type ToEmbedded =
  { readonly allow: number } | { readonly keep: boolean } | { readonly forget: true } | { readonly question: number }
export type FromEmbedded =
  | { readonly kubeconfig: string }
  | { readonly question: number; readonly progress: Transferred }
  | { readonly ended: true }

/** A Progress, as JSON. */
interface Transferred {
  readonly begun: number
  readonly counts: readonly (readonly [string, number])[]
}

type Answer = Extract<FromEmbedded, { question: number }>

/** An embedded API server with its load, in a process of its own. */
export async function startEmbeddedWorld(size: Size): Promise<World> {
  const options: LifecyclesOptions = { ...size, annotated: true }
  const child = fork(join(import.meta.dirname, 'embeddedProcess.ts'), [JSON.stringify(options)])
  const tell = (message: ToEmbedded) => child.send(message)
  const exited = once(child, 'exit')
  const [{ kubeconfig }] = (await once(child, 'message')) as [Extract<FromEmbedded, { kubeconfig: string }>]

  const answers = new Map<number, (answer: Answer) => void>()
  let asked = 0
  const ended = Promise.withResolvers<undefined>()
  child.on('message', (message: FromEmbedded) => {
    if ('ended' in message) ended.resolve(undefined)
    else if ('question' in message) answers.get(message.question)?.(message)
  })
  void exited.then(() => ended.reject(new Error('the embedded API server has ended before its load')))
  ended.promise.catch(() => undefined)
  const progress = async (): Promise<Progress> => {
    const question = ++asked
    const answered = new Promise<Answer>((resolve) => answers.set(question, resolve))
    tell({ question })
    const { begun, counts } = (await answered).progress
    answers.delete(question)
    return { begun, counts: new Map(counts) }
  }
  return {
    credentials: credentialsFromText(kubeconfig),
    requests: size.requests,
    outageMs: size.outageMs,
    allow: (upTo) => tell({ allow: upTo }),
    keep: (isKept) => tell({ keep: isKept }),
    progress,
    ended: ended.promise,
    async restart(relay) {
      await relay.goAway()
      await systemClock.sleep(size.outageMs)
      tell({ forget: true })
      // Messages are read in their order: it has forgotten when it answers.
      await progress()
      await relay.listen()
    },
    async close() {
      child.disconnect()
      await exited
    },
  }
}
