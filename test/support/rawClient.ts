import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** Connects to a server, sends `text` as it is and reads nothing. The connection is closed after the test. */
export async function connectTo(url: string, text = ''): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined)
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  socket.write(text)
  return socket
}

/** Connects `count` times. */
export function connectMany(url: string, count: number, text = ''): Promise<readonly Socket[]> {
  return Promise.all(Array.from({ length: count }, () => connectTo(url, text)))
}

/** The head of a request. */
export const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`
