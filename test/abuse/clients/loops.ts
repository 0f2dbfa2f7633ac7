import { Agent, get } from 'node:http'
import { systemClock as clock } from '../../../src/clock.ts'
import { addressOf, type ClientAttack, type Tally } from './connections.ts'
import type { Route } from './routes.ts'

const clients = 60
/** A client whose request was refused tries again so much later. */
const againMs = 50

/** Returns an attack by 60 clients that ask for the same again and again on connections that they keep. */
export const loopsOver =
  ({ path, headers }: Omit<Route, 'name'>, on: 'port' | 'probePort'): ClientAttack =>
  (target, tally) => {
    for (const index of Array(clients).keys()) {
      void loop({ port: target[on], path, headers: headers ?? {}, localAddress: addressOf(index) }, tally)
    }
  }

interface Asking {
  readonly port: number
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly localAddress: string
}

async function loop(asking: Asking, tally: Tally): Promise<never> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  for (;;) {
    const isAnswered = await ask(asking, agent, tally)
    if (!isAnswered) await clock.sleep(againMs)
  }
}

/** Asks once, and reads the answer. Resolves with whether there was one. */
function ask(asking: Asking, agent: Agent, tally: Tally): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ ...asking, host: '127.0.0.1', agent }, (response) => {
      response.on('data', ({ length }: Buffer) => (tally.receivedBytes += length))
      response.on('close', () => resolve(response.complete))
    })
    request.on('socket', () => {
      if (!request.reusedSocket) tally.connections += 1
    })
    request.on('error', () => resolve(false))
  })
}
