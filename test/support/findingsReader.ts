import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { onTestFinished } from 'vitest'
import { decodeLine } from '../../src/nodeStream/lines.ts'

/** A client that follows the findings of a node. */
export interface FindingsReader {
  readonly response: IncomingMessage
  /** The lines that have arrived so far. */
  readonly lines: readonly ReturnType<typeof decodeLine>[]
  /** Resolves when the answer has ended: `well` if it is complete. */
  readonly ended: Promise<'well' | 'cut'>
  close(): void
}

/** Requests the findings, and reads the answer until the test ends. */
export async function readFindings(url: string, token: string): Promise<FindingsReader> {
  const sent = request(`${url}/api/v1/findings`, { agent: false, headers: { authorization: `Bearer ${token}` } })
  onTestFinished(() => void sent.destroy())
  sent.on('error', () => undefined).end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  const lines: ReturnType<typeof decodeLine>[] = []
  let rest = ''
  response.setEncoding('utf8').on('data', (chunk: string) => {
    const whole = (rest + chunk).split('\n')
    rest = whole.pop() ?? ''
    lines.push(...whole.map(decodeLine))
  })
  response.on('error', () => undefined)
  const ended = new Promise<'well' | 'cut'>((resolve) => {
    response.on('close', () => resolve(response.complete ? 'well' : 'cut'))
  })
  return { response, lines, ended, close: () => void sent.destroy() }
}
