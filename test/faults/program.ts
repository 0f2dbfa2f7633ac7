import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { until } from '../cluster/support/shell.ts'
import { freePort } from '../support/freePort.ts'
import { namespaces } from './askers.ts'

const main = join(import.meta.dirname, '../../src/cli/main.ts')
const lastCommit = 'svidwatch_checkpoint_last_success_timestamp_seconds'

/** `svidwatch serve --role cluster`, killed and started again at the same address. */
export class Program {
  readonly #url: string
  readonly #config: string
  #child: ChildProcess
  /** The last kill: of two, the second one kills what the first one has started. */
  #killed: Promise<void> = Promise.resolve()
  #isExpected = false
  #crash: string | undefined

  /** Resolves when it has committed for the first time, with which its count begins. */
  static async start(kubeconfig: string, folder: string): Promise<Program> {
    const [kubeconfigFile, config] = [join(folder, 'kubeconfig'), join(folder, 'svidwatch.yaml')]
    const port = await freePort()
    const settings = {
      kubernetes: { kubeconfig: kubeconfigFile, pageSize: 100 },
      checkpoint: { configMap: `${namespaces[0]}/svidwatch-state`, interval: '1s' },
      server: { address: '127.0.0.1', port, probePort: await freePort() },
    }
    await writeFile(kubeconfigFile, kubeconfig)
    await writeFile(config, JSON.stringify(settings))
    const program = new Program(`http://127.0.0.1:${port}`, config)
    await until('the first commit', 60, async () => (await program.scrape())?.includes(`\n${lastCommit} `) || undefined)
    return program
  }

  private constructor(url: string, config: string) {
    this.#url = url
    this.#config = config
    this.#child = this.#spawn()
  }

  /** How it has ended although nobody ended it; undefined: it has not. */
  get crash(): string | undefined {
    return this.#crash
  }

  /** The metrics; undefined while nobody answers. */
  async scrape(): Promise<string | undefined> {
    try {
      const answer = await fetch(`${this.#url}/metrics`)
      return answer.ok ? await answer.text() : undefined
    } catch {
      return undefined
    }
  }

  /** Ends it with SIGKILL; resolves when it is started again. */
  kill(): Promise<void> {
    this.#killed = this.#killed.then(async () => {
      await this.#end('SIGKILL')
      this.#child = this.#spawn()
    })
    return this.#killed
  }

  async stop(): Promise<void> {
    await this.#killed
    await this.#end('SIGTERM')
  }

  #spawn(): ChildProcess {
    this.#isExpected = false
    const serve = [main, 'serve', '--role', 'cluster', '--config', this.#config]
    const child = spawn(process.execPath, serve, { stdio: ['ignore', 'ignore', 'inherit'] })
    child.on('exit', (code, signal) => {
      if (!this.#isExpected) this.#crash = `svidwatch has ended by itself: ${code ?? signal ?? ''}`
    })
    return child
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.#isExpected = true
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill(signal)
    await exited
  }
}
