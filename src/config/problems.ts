import * as z from 'zod'
import { printable } from '../text/printable.ts'
import { nearest } from './nearest.ts'
import { unwrapped } from './documentation.ts'
import type { Path } from './yamlFile.ts'

/** One thing that is wrong with the configuration, and where. */
export interface Problem {
  readonly path: Path
  /** Names the path and the value: `limits.series: must be a positive integer (got "many")`. */
  readonly message: string
}

/** Returns what is wrong with a value that `schema` refuses. */
export function problemsOf(error: z.ZodError, schema: z.ZodType, given: unknown): readonly Problem[] {
  return error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') {
      const got = `(got ${quoted(valueAt(given, issue.path))})`
      return [{ path: issue.path, message: `${prefixOf(issue.path)}${issue.message} ${got}` }]
    }
    const known = keysAt(schema, issue.path)
    return issue.keys.map((key) => {
      const path = [...issue.path, key]
      return { path, message: `${prefixOf(path)}unknown key; ${suggestion(key, known)}` }
    })
  })
}

function suggestion(key: string, known: readonly string[]): string {
  const meant = nearest(key, known)
  return meant === undefined ? `known keys are ${known.join(', ')}` : `did you mean ${meant}?`
}

/** Returns the path as the beginning of a message, such as `files[0].certificate: `; an empty text for the root. */
function prefixOf(path: Path): string {
  if (path.length === 0) return ''
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${keyText(String(step))}`))
  return `${steps.join('').replace(/^\./, '')}: `
}

/** Returns the key itself if it is a plain word, otherwise the key in quotes. */
function keyText(key: string): string {
  return /^[\w-]{1,60}$/.test(key) ? key : quoted(key)
}

const maxQuotedLength = 80

function quoted(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  const text = JSON.stringify(value).replace(/"(?:[^"\\]|\\.)*"/g, withoutPassword)
  return printable(text, { as: 'escapes', maxLength: maxQuotedLength })
}

/** Removes the password from a URL, which must not get into logs. A single pattern for both ends would take quadratic time. */
function withoutPassword(text: string): string {
  const start = text.indexOf('://')
  const end = text.lastIndexOf('@')
  return start === -1 || end < start ? text : `${text.slice(0, start)}://…${text.slice(end)}`
}

function valueAt(given: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) => (typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined),
    given,
  )
}

function keysAt(schema: unknown, path: Path): readonly string[] {
  const inner = unwrapped(schema)
  const [step, ...rest] = path
  if (inner instanceof z.ZodArray) return keysAt(inner.element, rest)
  if (!(inner instanceof z.ZodObject)) return []
  return step === undefined ? Object.keys(inner.shape) : keysAt(inner.shape[String(step)], rest)
}
