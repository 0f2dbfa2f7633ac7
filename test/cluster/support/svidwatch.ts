import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from './shell.ts'

const main = new URL('../../../src/cli/main.ts', import.meta.url).pathname

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** A problem as the API tells it. */
export interface Problem {
  readonly code: string
  readonly subject: Readonly<Record<string, string>>
  readonly reason?: string
  readonly since: string
  readonly evidence: Readonly<Record<string, unknown>>
  readonly explainedBy?: string
}

/** svidwatch as its users run it, in a separate process. */
export class Svidwatch {
  readonly #process: ChildProcess
  readonly #url: string

  private constructor(process: ChildProcess, url: string) {
    this.#process = process
    this.#url = url
  }

  /** The process id; that of `wrapper` if there is one. */
  get pid(): number {
    return this.#process.pid ?? 0
  }

  /** Starts svidwatch and waits until it is ready. `wrapper` is a command line that runs it. */
  static async start(
    role: string,
    port: number,
    settings: string,
    wrapper: readonly string[] = [],
    address = '127.0.0.1',
  ): Promise<Svidwatch> {
    const folder = await mkdtemp(join(tmpdir(), 'svidwatch-'))
    const file = join(folder, 'svidwatch.yaml')
    await writeFile(file, `server: { address: ${address}, port: ${port}, probePort: ${port + 1} }\n${settings}`)
    const serve = [main, 'serve', '--role', role, '--config', file]
    const child = spawn('env', [...wrapper, process.execPath, ...serve], { stdio: ['ignore', 'ignore', 'inherit'] })
    await until(`svidwatch --role ${role} ready`, 60, async () => {
      if (child.exitCode !== null) throw new Error(`svidwatch ended with ${child.exitCode}`)
      const answer = await fetch(`http://${address}:${port + 1}/readyz`).catch(() => undefined)
      return answer?.ok || undefined
    })
    return new Svidwatch(child, `http://${address}:${port}`)
  }

  async scrape(): Promise<string> {
    return (await fetch(`${this.#url}/metrics`)).text()
  }

  async samples(name: string): Promise<readonly Sample[]> {
    return samplesIn(await this.scrape(), name)
  }

  /** Returns the sum of the samples of one metric that have the labels `where`. */
  async sum(name: string, where: Readonly<Record<string, string>> = {}): Promise<number> {
    const matches = ({ labels }: Sample) => Object.entries(where).every(([label, value]) => labels[label] === value)
    return (await this.samples(name)).filter(matches).reduce((all, { value }) => all + value, 0)
  }

  /** Returns what is wrong by one code: with the SVIDs of a namespace, or everywhere. */
  async problems(code: string, namespace?: string): Promise<readonly Problem[]> {
    const query = new URLSearchParams({ code, ...(namespace !== undefined && { namespace }), limit: '1000' })
    const answer = await fetch(`${this.#url}/api/v1/problems?${query.toString()}`)
    if (!answer.ok) throw new Error(`svidwatch answers ${answer.status} to the question for ${code}`)
    return ((await answer.json()) as { readonly items: readonly Problem[] }).items
  }

  /** Returns the names of the pods of a namespace that have a problem, sorted. */
  async named(code: string, namespace: string): Promise<readonly string[]> {
    const pods = (await this.problems(code, namespace)).map(({ subject }) => subject['pod'] ?? '')
    return [...new Set(pods)].sort()
  }

  /** Stops svidwatch with a signal. Resolves with how long that took, in ms. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number> {
    const startMs = Date.now()
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return 0
    this.#process.kill(signal)
    await once(this.#process, 'exit')
    return Date.now() - startMs
  }
}

export function samplesIn(text: string, name: string): readonly Sample[] {
  return text
    .split('\n')
    .map((line) => /^([a-zA-Z0-9_:]+)(?:\{(.*)\})? (\S+)$/.exec(line))
    .filter((match) => match?.[1] === name)
    .map((match) => ({ labels: labelsIn(match?.[2] ?? ''), value: Number(match?.[3]) }))
}

function labelsIn(text: string): Record<string, string> {
  const pairs = text.matchAll(/(\w+)="([^"]*)"/g).map(([, label = '', value = '']) => [label, value] as const)
  return Object.fromEntries(pairs)
}
