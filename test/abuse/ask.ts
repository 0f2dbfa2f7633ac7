import { once } from 'node:events'
import { Agent, get, type IncomingMessage, type RequestOptions } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { deadline, systemClock as clock } from '../../src/clock.ts'
import type { Program } from '../bench/program.ts'

/** An answer that has not come by then never counts. The limits that svidwatch has to keep are shorter. */
const giveUpMs = 10_000

/** Probes as the kubelet does, over a new connection. Throws if the answer is not 200. */
export const probe = (url: string): Promise<void> => ask(url, { agent: false }, readAll)

/** Scrapes a process as Prometheus does: over a connection that it keeps, or over a new one as after its start. */
export class Scraper {
  readonly #url: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })

  constructor(url: string) {
    this.#url = `${url}/metrics`
  }

  /** Throws if the answer is not 200 or not complete. */
  async scrape(connection: 'kept' | 'new'): Promise<void> {
    const headers = { accept: 'application/openmetrics-text;version=1.0.0', 'accept-encoding': 'gzip' }
    await ask(this.#url, { agent: connection === 'kept' && this.#agent, headers }, readExposition)
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** Reports whether a process answers a probe and a scrape. */
export async function answers({ url, probeUrl }: Pick<Program, 'url' | 'probeUrl'>): Promise<boolean> {
  const scraper = new Scraper(url)
  try {
    await probe(`${probeUrl}/readyz`)
    await scraper.scrape('new')
    return true
  } catch {
    return false
  } finally {
    scraper.close()
  }
}

type Read = (response: IncomingMessage) => Promise<void>

async function ask(url: string, options: RequestOptions, read: Read): Promise<void> {
  const { signal, cancel } = deadline(clock, giveUpMs)
  try {
    await askOnce(url, { ...options, signal }, read)
  } catch (thrown) {
    throw signal.aborted ? signal.reason : thrown
  } finally {
    cancel()
  }
}

async function askOnce(url: string, options: RequestOptions, read: Read): Promise<void> {
  const request = get(url, options)
  // An error after the response has begun is also one of the response.
  request.on('error', () => undefined)
  let isAnswered = false
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    isAnswered = true
    if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`)
    await read(response)
  } catch (thrown) {
    // The server may close a kept connection whenever nobody uses it. Go's client asks again as well.
    const isClosedBefore = request.reusedSocket && !isAnswered && options.signal?.aborted !== true
    request.destroy()
    if (!isClosedBefore) throw thrown
    await askOnce(url, options, read)
  }
}

async function readAll(response: IncomingMessage): Promise<void> {
  await response.forEach(() => undefined)
}

const endMark = '# EOF\n'

/** Throws if the text does not have the mark with which OpenMetrics ends. */
async function readExposition(response: IncomingMessage): Promise<void> {
  let end = ''
  await pipeline(response, createGunzip(), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks)
      end = (end + chunk.subarray(-endMark.length).toString('latin1')).slice(-endMark.length)
  })
  if (end !== endMark) throw new Error(`the exposition ends in "${end}"`)
}
