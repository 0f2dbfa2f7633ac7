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
  /** What it said of where it can be reached. */
  readonly said: string

  private constructor(child: ChildProcess, said: string) {
    this.#child = child
    this.said = said
  }

  /** Resolves once it has said so; throws with its last lines where it ends before. */
  static async start({ program, args, said }: Start): Promise<Program> {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const failed = once(child, 'error').then(([error]: unknown[]) => {
      throw new Error(`${program} cannot be started, it must be on the PATH: ${String(error)}`)
    })
    return new Program(child, await Promise.race([lineOf(child, program, said), failed]))
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGTERM')
    await once(this.#child, 'exit')
  }
}

async function lineOf(child: ChildProcess, program: string, said: RegExp): Promise<string> {
  const lines: string[] = []
  return new Promise((resolve, reject) => {
    for (const input of [child.stdout, child.stderr]) {
      if (input === null) continue
      createInterface({ input }).on('line', (line) => {
        const found = said.exec(line)?.[1]
        if (found !== undefined) resolve(found)
        lines.push(line)
        lines.splice(0, lines.length - 20)
      })
    }
    child.once('exit', (code) => reject(new Error(`${program} has ended with ${code}:\n${lines.join('\n')}`)))
  })
}
