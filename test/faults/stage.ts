import { systemClock as clock } from '../../src/clock.ts'
import type { Fault, FaultyRelay } from '../support/faultyRelay.ts'
import type { Program } from './program.ts'
import type { World } from './world.ts'

/** What a fault can work on: the relay in front of the API server, and the program under test. */
export class Stage {
  readonly relay: FaultyRelay
  readonly program: Program
  readonly #world: World
  readonly #armed = new Set<Armed>()
  /** How many watches of the requests, other than lists, have been established. */
  #watches = 0

  constructor(relay: FaultyRelay, program: Program, world: World) {
    this.relay = relay
    this.program = program
    this.#world = world
    relay.fault = (url, method) => this.#faultFor(url, method)
    relay.passing = (url) => {
      if (isWatch(url)) this.#watches += 1
    }
  }

  /** Lets the next `times` requests that match fail; resolves when they have. */
  async next(times: number, matches: Matches, fault: Fault): Promise<void> {
    await new Promise<void>((done) => this.#armed.add({ left: times, matches, fault, done }))
  }

  /** Lets all requests that match fail, until what is returned is called. */
  always(matches: Matches, fault: Fault): () => void {
    const armed = { left: Infinity, matches, fault, done: () => undefined }
    this.#armed.add(armed)
    return () => void this.#armed.delete(armed)
  }

  /** Lets the API server be out of reach for a while. */
  async outage(): Promise<void> {
    await this.relay.goAway()
    await clock.sleep(this.#world.outageMs)
    await this.relay.listen()
  }

  /** Lets the API server stop and start, with no history from before then. */
  restart(): Promise<void> {
    return this.#world.restart(this.relay)
  }

  /**
   * Does something that ends the watch of the requests; resolves when there has been a new one for a while, or nearly one: an
   * API server that has no history to begin from may say so within the watch.
   */
  async untilWatched(breakIt: () => void | Promise<void>): Promise<void> {
    const before = this.#watches
    await breakIt()
    while (this.#watches === before) await clock.sleep(50)
    await clock.sleep(steadyMs)
  }

  #faultFor(url: URL, method: string): Fault | undefined {
    const armed = [...this.#armed].find(({ matches }) => matches(url, method))
    if (armed === undefined) return undefined
    armed.left -= 1
    if (armed.left === 0) {
      this.#armed.delete(armed)
      armed.done()
    }
    return armed.fault
  }
}

type Matches = (url: URL, method: string) => boolean

interface Armed {
  left: number
  readonly matches: Matches
  readonly fault: Fault
  readonly done: () => void
}

/** After so long svidwatch takes a watch for established, and its next failure for the first one. */
const steadyMs = 1_200

const isRequests = (url: URL): boolean => url.pathname.endsWith('/certificaterequests')

/** A list of the requests as a stream. */
export const isWatchList = (url: URL): boolean => isRequests(url) && url.searchParams.has('sendInitialEvents')

/** A watch of the requests that is no list. */
export const isWatch = (url: URL): boolean => isRequests(url) && url.searchParams.has('watch') && !isWatchList(url)

/** A page of a list of the requests, but not the first one. */
export const isLaterPage = (url: URL): boolean => isRequests(url) && url.searchParams.has('continue')

export const isCheckpointWrite = (url: URL, method: string): boolean =>
  url.pathname.includes('/configmaps') && (method === 'PUT' || method === 'POST')
