import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { systemClock as clock } from '../../../src/clock.ts'
import { Program } from '../../notifications/support/program.ts'

/** Reports whether a program is on the PATH. */
export const isThere = (program: string): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)))

/** A span as Jaeger returns it. Times are in microseconds. */
export interface JaegerSpan {
  readonly traceID: string
  readonly spanID: string
  readonly operationName: string
  readonly startTime: number
  readonly duration: number
  readonly references: readonly { readonly refType: string; readonly traceID: string; readonly spanID: string }[]
  readonly tags: readonly { readonly key: string; readonly value: unknown }[]
}

const query = 'http://127.0.0.1:16686'

/** A Jaeger on this machine, with its usual ports. It keeps traces in memory. */
export class Jaeger implements AsyncDisposable {
  readonly otlp = 'http://127.0.0.1:4318'
  readonly #program: Program

  private constructor(program: Program) {
    this.#program = program
  }

  static async start(): Promise<Jaeger> {
    const program = await Program.start({ program: 'jaeger', args: [], said: /(Everything is ready)/ })
    return new Jaeger(program)
  }

  /** Returns the spans of a trace; none if Jaeger does not have it. */
  async spansOf(traceId: string): Promise<readonly JaegerSpan[]> {
    this.#program.assertRuns()
    const answer = await fetch(`${query}/api/traces/${traceId}`)
    if (answer.status === 404) return []
    const { data } = (await answer.json()) as { data: { spans: JaegerSpan[] }[] }
    return data.flatMap(({ spans }) => spans)
  }

  /** Waits until `check` is fulfilled, for `seconds` at most. */
  async until(what: string, seconds: number, check: () => Promise<boolean>): Promise<void> {
    const endMs = clock.monotonicMs() + seconds * 1000
    while (!(await check())) {
      if (clock.monotonicMs() > endMs) throw new Error(`${what}: not within ${seconds} s`)
      await clock.sleep(500)
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#program[Symbol.asyncDispose]()
  }
}

export const tagOf = ({ tags }: JaegerSpan, key: string): unknown => tags.find((tag) => tag.key === key)?.value
