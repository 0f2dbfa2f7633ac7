import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { systemClock as clock } from '../../src/clock.ts'

/** One GET of /metrics as a scraper sees it; nothing is unpacked. */
export interface HttpScrape {
  readonly elapsedMs: number
  readonly bytes: number
}

export async function scrapeOver(url: string, encoding: 'gzip' | 'identity'): Promise<HttpScrape> {
  const sinceMs = clock.now()
  const request = get(`${url}/metrics`, { headers: { 'accept-encoding': encoding } })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) bytes += chunk.length
  if (response.statusCode !== 200) throw new Error(`GET ${url}/metrics: ${response.statusCode}`)
  return { elapsedMs: clock.now() - sinceMs, bytes }
}
