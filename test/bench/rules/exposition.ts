import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { messageOf } from '../../../src/errors.ts'
import type { Metrics } from '../../../src/metrics/scrape.ts'

/** Serves metrics to Prometheus, and takes the alerts that Prometheus sends, as an Alertmanager would. */
export class Exposition implements AsyncDisposable {
  readonly #server: Server

  private constructor(metrics: Metrics) {
    this.#server = createServer((request, response) => {
      const answered = request.url === '/metrics' ? answer(metrics, request, response) : takeAlerts(request, response)
      void answered.catch((error: unknown) => response.destroy(new Error(messageOf(error))))
    })
  }

  static async serve(metrics: Metrics): Promise<Exposition> {
    const exposition = new Exposition(metrics)
    exposition.#server.listen(0, '127.0.0.1')
    await once(exposition.#server, 'listening')
    return exposition
  }

  /** Host and port. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

async function answer(metrics: Metrics, { headers }: IncomingMessage, response: ServerResponse): Promise<void> {
  const { body, contentType } = await metrics.scrape(headers.accept)
  response.setHeader('content-type', contentType)
  response.setHeader('content-encoding', 'gzip')
  response.end(body)
}

async function takeAlerts(request: IncomingMessage, response: ServerResponse): Promise<void> {
  request.resume()
  await once(request, 'end')
  response.end()
}
