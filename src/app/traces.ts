import { deadline, type Clock } from '../clock.ts'
import type { Config } from '../config/config.ts'
import type { DiagnosesView } from '../diagnosis/diagnosis.ts'
import type { FileCalls } from '../files/fileCalls.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Log } from '../log/log.ts'
import { Exemplars } from '../metrics/exemplars.ts'
import { isTracing, type Environment } from '../traces/settings.ts'
import type { Tracing } from '../traces/tracing.ts'

export interface TracesOptions {
  readonly config: Pick<Config, 'tracing'>
  /** By default those of this process. */
  readonly env?: Environment | undefined
  readonly clock: Clock
  readonly files: FileCalls
  readonly log: Log
  readonly version: string
}

/** The traces of a process, and the exemplars that refer to them. */
export interface Traces extends Pick<Tracing, 'counts' | 'idsOf'> {
  readonly exemplars: Exemplars
  close(): Promise<void>
}

/** How long the last spans may take to leave during the shutdown, ms. */
const lastSpansMs = 1_000

/** More than the headers of a collector take. */
const maxHeadersBytes = 65_536

/** Starts to send traces, and loads what that needs; undefined if no endpoint is set. */
export async function startTraces(
  options: TracesOptions,
  ledger: Pick<Ledger, 'follow' | 'placeOf'>,
  diagnoses: Pick<DiagnosesView, 'follow'>,
): Promise<Traces | undefined> {
  const { config, env = process.env, clock, version, log } = options
  if (!isTracing(config.tracing, env)) return undefined
  const { startTracing } = await import('../traces/tracing.ts')
  const exemplars = new Exemplars()
  const tracing = startTracing({
    ...{ settings: config.tracing, env, clock, version, ledger, diagnoses },
    headers: headersIn(options),
    queued: (rotation, ids) => exemplars.add(rotation, ids),
    lost: (traceId) => exemplars.forget(traceId),
    troubled: (detail) =>
      detail === undefined
        ? log.info({ event: 'traces_contact' }, 'traces: the collector takes spans again')
        : log.warn({ event: 'traces_trouble', detail }, `traces: spans cannot be sent: ${detail}`),
    misconfigured: (problem) => log.warn({ event: 'traces_misconfigured', detail: problem }, `traces: ${problem}`),
  })
  return {
    counts: tracing.counts,
    idsOf: (request) => tracing.idsOf(request),
    exemplars,
    async close() {
      const limit = deadline(clock, lastSpansMs)
      await tracing.close(limit.signal)
      limit.cancel()
    },
  }
}

/** Returns a function that reads the headers for the collector; undefined if there is no file. It says once why it cannot read them. */
function headersIn({ config, files, log }: TracesOptions): (() => Promise<Record<string, string>>) | undefined {
  const { headersFile } = config.tracing
  if (headersFile === undefined) return undefined
  let told = ''
  return async () => {
    const file = await files.readText(headersFile, { maxBytes: maxHeadersBytes })
    const detail = 'text' in file ? '' : file.detail
    if (detail !== '' && detail !== told)
      log.error(
        { event: 'traces_headers', path: headersFile, detail },
        `traces: cannot read the headers in ${headersFile}: ${detail}`,
      )
    told = detail
    return 'text' in file ? parseHeaders(file.text) : {}
  }
}

/** Returns the headers in a text: `Name: value`, one in each line. Other lines have no effect. */
function parseHeaders(text: string): Record<string, string> {
  const lines = text.split('\n').map((line) => /^\s*([!#$%&'*+.^_`|~\w-]+)\s*:\s*(.*?)\s*$/.exec(line))
  return Object.fromEntries(lines.flatMap((match) => (match?.[1] && match[2] ? [[match[1], match[2]]] : [])))
}
