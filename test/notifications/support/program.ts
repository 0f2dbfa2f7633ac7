import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

interface Start {
  readonly program: string
  readonly args: readonly string[]
  /** What a line of its output looks like that says where it can be reached; its first group is returned. */
  readonly said: RegExp
}

/** A program that runs beside the tests. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #lastLines: readonly string[]
  /** What it said of where it can be reached. */
  readonly said: string

  private constructor(child: ChildProcess, lastLines: readonly string[], said: string) {
    this.#child = child
    this.#lastLines = lastLines
    this.said = said
  }

  /** Resolves once it has said so; throws with its last lines where it ends before. */
  static async start({ program, args, said }: Start): Promise<Program> {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const failed = once(child, 'error').then(([error]: unknown[]) => {
      throw new Error(`${program} cannot be started, it must be on the PATH: ${String(error)}`)
    })
    const lastLines: string[] = []
    const ended = once(child, 'exit').then(() => {
      throw new Error(endOf(child, lastLines))
    })
    return new Program(child, lastLines, await Promise.race([lineOf(child, lastLines, said), ended, failed]))
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Throws with its last lines if it has ended. */
  assertRuns(): void {
    if (hasEnded(this.#child)) throw new Error(endOf(this.#child, this.#lastLines))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (hasEnded(this.#child)) return
    this.#child.kill('SIGTERM')
    await once(this.#child, 'exit')
  }
}

/** Resolves with the first group once a line matches. Goes on keeping the last lines. */
function lineOf(child: ChildProcess, lastLines: string[], said: RegExp): Promise<string> {
  return new Promise((resolve) => {
    for (const input of [child.stdout, child.stderr]) {
      if (input === null) continue
      createInterface({ input }).on('line', (line) => {
        const found = said.exec(line)?.[1]
        if (found !== undefined) resolve(found)
        lastLines.push(line)
        lastLines.splice(0, lastLines.length - 20)
      })
    }
  })
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null

const endOf = ({ spawnfile, exitCode, signalCode }: ChildProcess, lastLines: readonly string[]): string =>
  `${spawnfile} has ended with ${signalCode ?? exitCode}:\n${lastLines.join('\n')}`
