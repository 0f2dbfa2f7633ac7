import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What Alertmanager posts to a webhook, as far as it is looked at. */
export interface Notification {
  readonly receiver: string
  readonly groupKey: string
  readonly groupLabels: Labels
  readonly alerts: readonly Alert[]
}

export type Labels = Readonly<Record<string, string>>

export interface Alert {
  readonly status: 'firing' | 'resolved'
  readonly labels: Labels
  readonly annotations: Labels
}

/** Where notifications arrive. */
export class Receiver implements AsyncDisposable {
  readonly #server: Server
  /** All that has arrived, in order. */
  readonly notifications: Notification[] = []

  private constructor() {
    this.#server = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8')
      request.on('data', (text: string) => (body += text))
      request.on('end', () => {
        this.notifications.push(JSON.parse(body) as Notification)
        response.end()
      })
    })
  }

  static async start(): Promise<Receiver> {
    const receiver = new Receiver()
    receiver.#server.listen(0, '127.0.0.1')
    await once(receiver.#server, 'listening')
    return receiver
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
