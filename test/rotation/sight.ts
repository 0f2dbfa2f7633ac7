import type { Fleet, Volume } from './fleet.ts'

/** A volume, as its node role told it last, and until when that is known to be so, ms. */
export interface KnownVolume extends Volume {
  readonly knownMs: number
  /** The key ids of the CAs that its driver has ever written into a volume until then. */
  readonly had: ReadonlySet<string>
}

/** Which nodes svidwatch can see, and what those told last that it cannot see. */
export class Sight {
  readonly #fleet: Fleet
  readonly #told = new Map<string, readonly KnownVolume[]>()

  constructor(fleet: Fleet) {
    this.#fleet = fleet
  }

  lose(node: string): void {
    const had = new Set(this.#fleet.history.get(node))
    const of = this.known().filter((one) => one.node === node)
    this.#told.set(
      node,
      of.map((one) => ({ ...one, had })),
    )
  }

  gain(node: string): void {
    this.#told.delete(node)
  }

  sees(node: string): boolean {
    return !this.#told.has(node)
  }

  /** All volumes, as far as they are known. */
  known(): readonly KnownVolume[] {
    const { volumes, history, nowMs: knownMs } = this.#fleet
    const seen = volumes
      .filter(({ node }) => this.sees(node))
      .map((one) => ({ ...one, knownMs, had: history.get(one.node) ?? new Set<string>() }))
    return [...seen, ...Array.from(this.#told.values()).flat()]
  }
}
