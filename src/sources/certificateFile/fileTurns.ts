import { NoAnswer, type FileCalls } from '../../files/fileCalls.ts'

export interface FileTurnsOptions {
  readonly files: FileCalls
  /** The path of the volume, folder or file that the calls are about. */
  readonly path: string
  /** Is called in each turn while calls do not end. */
  readonly onStuck: (detail: string) => void
  /** Is called when calls that did not end in time have ended after all. What they found may be out of date. */
  readonly onLateEnd: () => void
}

/** Lets the looks and reads of one volume, folder or file take turns. A turn is left out while an earlier one is under way. */
export class FileTurns {
  readonly #options: FileTurnsOptions
  #isClosed = false

  constructor(options: FileTurnsOptions) {
    this.#options = options
  }

  /** Reports whether the turn under way has not ended in time. */
  get isStuck(): boolean {
    return this.#options.files.isStuck(this.#options.path)
  }

  /** Reports whether nothing is to be found any more. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Reports whether the turn under way is over for others: what it finds must not be reported any more. */
  get isOver(): boolean {
    return this.#isClosed || this.isStuck
  }

  /** Resolves when `calls` have ended, are stuck, or are left out. */
  async take(calls: () => Promise<void>): Promise<void> {
    const { files, path, onStuck, onLateEnd } = this.#options
    if (this.isClosed || (files.isBusy(path) && !this.isStuck)) return
    const answer = await files.run(path, calls, () => this.#unlessClosed(onLateEnd))
    if (answer instanceof NoAnswer && this.isStuck) this.#unlessClosed(() => onStuck(answer.detail))
  }

  /** From now on, no turn is taken and nothing is called. */
  close(): void {
    this.#isClosed = true
  }

  #unlessClosed(tell: () => void): void {
    if (!this.#isClosed) tell()
  }
}
