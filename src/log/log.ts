import { pino } from 'pino'
import type { DestinationStream } from 'pino'
import type { Clock } from '../clock.ts'
import { printable } from '../text/printable.ts'
import { rfc3339 } from '../text/rfc3339.ts'

/** What a line says besides its message, for programs; `event` names what happened. */
export type LogFields = Readonly<Record<string, unknown>>

/** What svidwatch writes of its own work. Fields and messages may hold text from outside. */
export interface Log {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
}

export interface LogOptions {
  /** The least important lines that are written. */
  readonly level: keyof Log
  /** Without it: `pretty` where standard output is a terminal, else `json`. */
  readonly format?: 'json' | 'pretty' | undefined
  readonly clock: Clock
  /** Takes whole lines. Without it: standard output for JSON, standard error for people. */
  readonly destination?: DestinationStream
}

/** Makes the log. Each line carries its time in RFC 3339. */
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

/** A line of JSON for people: time, level, message, fields. */
function prettyLine(line: string): string {
  const { time, level, message, ...fields } = JSON.parse(line) as Record<string, unknown>
  const rest = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  const columns = [time, String(level).padEnd(5), message, ...rest]
  return `${columns.map((column) => printable(String(column), { as: 'escapes', maxLength: Infinity })).join(' ')}\n`
}
