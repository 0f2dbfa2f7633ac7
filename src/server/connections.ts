import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from '../clock.ts'
import { onAnswered } from './answerDeadline.ts'

/** The most requests of one connection that wait for the answers before them. Hardly any client sends several at once. */
const maxPipelined = 8

interface Connection {
  /** When the connection was opened or last changed what it is doing, in the time of `Clock.monotonicMs`. */
  sinceMs: number
  /** The response to the request that is being answered. */
  response: ServerResponse | undefined
  /** Begins the answers to the requests behind it. */
  readonly waiting: (() => void)[]
}

/**
 * Connections bounds the connections of a server and what each of them can ask for. Nobody is turned away: when there are too many
 * connections, the least useful ones are closed. A connection is given one answer at a time.
 */
export class Connections {
  readonly #limit: number
  readonly #clock: Clock
  readonly #open = new Map<Socket, Connection>()
  #isMakingRoom = false

  constructor(limit: number, clock: Clock) {
    this.#limit = limit
    this.#clock = clock
  }

  /** Bounds the connections of a server, and returns it. */
  watch(server: Server): Server {
    return server.on('connection', (socket) => this.#add(socket))
  }

  /**
   * Returns a listener that answers a request with `answer` once the client has read the answers to the earlier requests of its
   * connection. A connection on which too many requests wait is closed.
   */
  inTurn(answer: RequestListener): RequestListener {
    return (request, response) => {
      const { socket } = request
      const connection = this.#open.get(socket)
      if (connection === undefined) return
      const begin = () => {
        this.#change(connection, response)
        onAnswered(request, () => {
          this.#change(connection, undefined)
          connection.waiting.shift()?.()
        })
        answer(request, response)
      }
      if (connection.response === undefined) begin()
      else if (connection.waiting.length < maxPipelined) connection.waiting.push(begin)
      else this.#close(socket)
    }
  }

  /** Reports whether a request of the connection is being answered. */
  isAnswering(socket: Socket): boolean {
    return this.#open.get(socket)?.response !== undefined
  }

  #add(socket: Socket): void {
    const connection: Connection = { sinceMs: this.#clock.monotonicMs(), response: undefined, waiting: [] }
    this.#open.set(socket, connection)
    stopParsing(socket, () => connection.waiting.length >= maxPipelined)
    socket.once('close', () => this.#open.delete(socket))
    if (this.#open.size > this.#limit && !this.#isMakingRoom) void this.#makeRoom()
  }

  #change(connection: Connection, response: Connection['response']): void {
    Object.assign(connection, { response, sinceMs: this.#clock.monotonicMs() })
  }

  /**
   * Closes connections until no more than the limit are open. The event loop accepts connections before it reads from them, so what
   * the new ones have sent already is read first.
   */
  async #makeRoom(): Promise<void> {
    this.#isMakingRoom = true
    await this.#clock.sleep(0)
    await this.#clock.sleep(0)
    this.#isMakingRoom = false
    const excess = this.#open.size - this.#limit
    if (excess <= 0) return
    const byUse = [...this.#open].sort(([, one], [, other]) => useOf(one) - useOf(other) || one.sinceMs - other.sinceMs)
    for (const [socket] of byUse.slice(0, excess)) this.#close(socket)
  }

  #close(socket: Socket): void {
    this.#open.delete(socket)
    socket.destroy()
  }
}

/**
 * Returns how useful a connection is: without a request, with an answer that it does not read, or being answered. The start of a request
 * counts for nothing: a client whose request is on its way would make room for those that send a half one and no more.
 */
function useOf({ response }: Connection): number {
  if (response === undefined) return 0
  return response.writableNeedDrain || response.writableEnded ? 1 : 2
}

/** What node:http calls for the head of each request. A negative result ends the connection as malformed. */
interface Parser {
  onIncoming: (request: IncomingMessage, keepsAlive: boolean) => number
}

/**
 * Ends a connection before the next request is parsed if `isFull`. Otherwise node:http parses all of the thousand requests that have
 * arrived at once, which takes several milliseconds, before anybody can refuse them. The parser is no documented interface: without it,
 * the requests are refused one by one.
 */
function stopParsing(socket: Socket & { readonly parser?: Parser | null }, isFull: () => boolean): void {
  const { parser } = socket
  if (!parser) return
  const { onIncoming } = parser
  parser.onIncoming = (request, keepsAlive) => (isFull() ? -1 : onIncoming(request, keepsAlive))
}
