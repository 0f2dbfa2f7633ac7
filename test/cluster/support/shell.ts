import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Runs a program and returns its output. Throws with its error output if it fails. */
export async function sh(program: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(program, args, { maxBuffer: 64 * 1024 * 1024 })
  return stdout
}

export const kubectl = (...args: string[]): Promise<string> => sh('kubectl', ...args)

/** What is stopped and started by commands from the environment, because no API can do it everywhere. */
export type Hooked = 'API_SERVER' | 'TRUST_MANAGER'

/** Runs a hook from the environment. */
export async function hook(name: `${'STOP' | 'START'}_${Hooked}`): Promise<void> {
  await sh('bash', '-c', process.env[`SVIDWATCH_TEST_${name}`] ?? 'exit 1')
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Calls `ask` until its result is not undefined, and returns that. Throws after `seconds`. */
export async function until<T>(what: string, seconds: number, ask: () => Promise<T | undefined>): Promise<T> {
  const endMs = Date.now() + seconds * 1000
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (Date.now() > endMs) throw new Error(`${what}: not within ${seconds} s`)
    await sleep(500)
  }
}
