import { pino } from 'pino'
import type { DestinationStream } from 'pino'
import type { Clock } from '../clock.ts'
import { printable } from '../text/printable.ts'
import { rfc3339 } from '../text/rfc3339.ts'

/** The machine-readable fields of a line. `event` names what happened. */
export type LogFields = Readonly<Record<string, unknown>>

/** svidwatch's own log. Fields and messages may contain text from outside. */
export interface Log {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
}

export interface LogOptions {
  /** The lowest level of the lines that are written. */
  readonly level: keyof Log
  /** The default is `pretty` if standard output is a terminal, otherwise `json`. */
  readonly format?: 'json' | 'pretty' | undefined
  readonly clock: Clock
  /** Receives whole lines. The default is standard output for `json`, standard error for `pretty`. */
  readonly destination?: DestinationStream
}

/** Returns a log whose lines carry their time in RFC 3339. */
export function createLog({ level, format, clock, destination }: LogOptions): Log {
  const pretty = (format ?? (process.stdout.isTTY ? 'pretty' : 'json')) === 'pretty'
  const stream = destination ?? (pretty ? process.stderr : pino.destination({ fd: 1, sync: true }))
  return pino(
    {
      level,
      base: null,
      messageKey: 'message',
      timestamp: () => `,"time":"${rfc3339(clock.now())}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    pretty ? { write: (line) => stream.write(prettyLine(line)) } : stream,
  )
}

/** Formats a JSON line for people: time, level, message, fields. */
function prettyLine(line: string): string {
  const { time, level, message, ...fields } = JSON.parse(line) as Record<string, unknown>
  const assignments = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  const columns = [time, String(level).padEnd(5), message, ...assignments]
  return `${columns.map((column) => printable(String(column), { as: 'escapes', maxLength: Infinity })).join(' ')}\n`
}
