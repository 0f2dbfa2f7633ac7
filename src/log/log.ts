import { pino } from 'pino'
import type { DestinationStream } from 'pino'
import type { Clock } from '../clock.ts'
import { printable } from '../text/printable.ts'
import { rfc3339 } from '../text/rfc3339.ts'
import type { EventName, FieldName, Level } from './events.ts'

/** The machine-readable fields of a line, besides the event. */
export type EventFields = Readonly<Partial<Record<Exclude<FieldName, 'event'>, unknown>>>

/** The machine-readable fields of a line. `event` names what happened. */
export type LogFields = EventFields & { readonly event: EventName }

/** svidwatch's own log. Fields and messages may contain text from outside. */
export interface Log {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
}

export interface LogOptions {
  /** The lowest level of the lines that are written. */
  readonly level: Level
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

/** Formats a JSON line for people: time, level, message, and the fields that the message does not say. It says what the event is. */
function prettyLine(line: string): string {
  const { time, level, message, ...fields } = JSON.parse(line) as Record<string, unknown>
  const isSaid = (name: string, value: unknown) => name === 'event' || says(String(message), value)
  const unsaid = Object.entries(fields).filter(([name, value]) => !isSaid(name, value))
  const assignments = unsaid.map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  const columns = [time, String(level).padEnd(5), message, ...assignments]
  return `${columns.map((column) => printable(String(column), { as: 'escapes', maxLength: Infinity })).join(' ')}\n`
}

/** Reports whether a message has a value in it, as whole words; of a list, each value. */
function says(message: string, value: unknown): boolean {
  if (Array.isArray(value)) return value.every((one) => says(message, one))
  const text = String(value)
  const isWordAt = (index: number) => /\w/.test(message.charAt(index))
  for (let at = message.indexOf(text); at !== -1; at = message.indexOf(text, at + 1))
    if (!isWordAt(at - 1) && !isWordAt(at + text.length)) return true
  return false
}
