import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

interface SentSpan {
  readonly traceId: string
  readonly spanId: string
}

interface Sent {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[] }[]
}

/** Passes spans on to a collector, and takes note of what was sent: the collector merges spans that come again. */
export class Relay implements AsyncDisposable {
  readonly #server: Server
  /** Everything that was said of each span, and how often the span came, by trace and span id. */
  readonly #spans = new Map<string, { readonly contents: Set<string>; times: number }>()

  private constructor(collector: string) {
    this.#server = createServer((request, response) => {
      void text(request).then(async (body) => {
        const { 'content-type': contentType = '' } = request.headers
        const answer = await fetch(`${collector}${request.url ?? ''}`, {
          method: 'POST',
          headers: { 'content-type': contentType },
          body,
        })
        if (answer.ok) this.#note(JSON.parse(body) as Sent)
        response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text())
      })
    })
  }

  /** `collector` is a URL without a path. */
  static async start(collector: string): Promise<Relay> {
    const relay = new Relay(collector)
    relay.#server.listen(0, '127.0.0.1')
    await once(relay.#server, 'listening')
    return relay
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** How many different spans were sent, and how often one came again. */
  get counts(): { readonly different: number; readonly repeats: number } {
    let repeats = 0
    for (const { times } of this.#spans.values()) repeats += times - 1
    return { different: this.#spans.size, repeats }
  }

  /** The spans that came with different contents, each with everything that was said of it. */
  get contradictions(): readonly (readonly string[])[] {
    return [...this.#spans.values()].filter(({ contents }) => contents.size > 1).map(({ contents }) => [...contents])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  #note({ resourceSpans }: Sent): void {
    for (const span of resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))) {
      const key = `${span.traceId} ${span.spanId}`
      const known = this.#spans.get(key) ?? { contents: new Set(), times: 0 }
      known.contents.add(JSON.stringify(span))
      known.times += 1
      this.#spans.set(key, known)
    }
  }
}
