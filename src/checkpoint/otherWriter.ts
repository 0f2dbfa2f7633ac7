import type { Clock } from '../clock.ts'
import { SvidwatchError } from '../errors.ts'
import type { Checkpoint } from '../ledger/issuance/checkpoint.ts'

/** A process that runs writes its checkpoint at least once a minute, so a text that stays for longer is that of one that has ended. */
const silentMs = 120_000

/**
 * OtherWriter notices that a svidwatch of other namespaces writes the same state. Two such processes would each continue from the
 * totals of the other.
 */
export class OtherWriter {
  readonly #namespaces: ReadonlySet<string | undefined>
  readonly #clock: Clock
  #text: string | undefined
  /** In the time of `Clock.monotonicMs`. */
  #sinceMs = 0

  /** `namespaces` are those of this process; undefined: the whole cluster. */
  constructor(namespaces: readonly string[] | undefined, clock: Clock) {
    this.#namespaces = new Set(namespaces ?? [undefined])
    this.#clock = clock
  }

  /**
   * Checks a checkpoint that this process has neither read nor written before. Throws a `SvidwatchError` with code `other_writer` if
   * it is that of other namespaces, and was written in the last two minutes.
   */
  check(text: string, { positions }: Checkpoint): void {
    const others = positions.filter(({ namespace }) => !this.#namespaces.has(namespace))
    if (others.length === 0) return
    const nowMs = this.#clock.monotonicMs()
    if (text !== this.#text) this.#sinceMs = nowMs
    this.#text = text
    if (nowMs - this.#sinceMs > silentMs) return
    const watched = others.map(({ namespace }) => namespace ?? 'all namespaces').slice(0, 3)
    throw new SvidwatchError(
      'other_writer',
      `another svidwatch, which watches ${watched.join(', ')}, writes it too: give each its own with checkpoint.configMap or checkpoint.file`,
    )
  }
}
