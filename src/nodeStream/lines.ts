import type { z } from 'zod'
import type { MountedObservation } from '../ledger/workloads/observations.ts'
import type { TroubleReason } from '../ledger/sight/reasons.ts'
import { lineSchema, maxDetailLength, typeSchema } from './lineSchema.ts'

/** One line of the stream. contract.ts describes the order of the lines. */
export type StreamLine =
  | { readonly type: 'snapshot' }
  | { readonly type: 'mounted'; readonly mounted: MountedObservation }
  | { readonly type: 'unmounted'; readonly podUid: string; readonly volume: string }
  | { readonly type: 'synced' }
  | { readonly type: 'blind'; readonly reason: TroubleReason; readonly detail: string }
  | { readonly type: 'sighted' }
  | { readonly type: 'heartbeat' }

/** Encodes a line with its newline. Details longer than `maxDetailLength` are cut. */
export function encodeLine(line: StreamLine): string {
  return `${JSON.stringify(line, (name, value: unknown) =>
    name === 'detail' && typeof value === 'string' ? value.slice(0, maxDetailLength) : value,
  )}\n`
}

/**
 * Parses and validates one line, given without its newline. Returns `unknown` for a line of a type that only newer node roles
 * send. Unknown fields are dropped. A `problem` is one line of bounded length, which quotes nothing of the input.
 */
export function decodeLine(text: string): StreamLine | { readonly type: 'unknown' } | { readonly problem: string } {
  const value = jsonFrom(text)
  if (value === undefined) return { problem: 'it is not JSON' }
  const typed = typeSchema.safeParse(value)
  if (!typed.success) return { problem: 'it is not an object with a type' }
  const { type } = typed.data
  if (!isKnown(type)) return { type: 'unknown' }
  const { success, data, error } = lineSchema[type].safeParse(value)
  return success ? data : { problem: firstProblem(error.issues) }
}

function isKnown(type: string): type is StreamLine['type'] {
  return Object.hasOwn(lineSchema, type)
}

function jsonFrom(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Words the first issue. For a union, it is the first issue of the alternative that matches best. */
function firstProblem(issues: readonly z.core.$ZodIssue[], parents: readonly PropertyKey[] = []): string {
  const [issue] = issues
  if (issue === undefined) return 'it is malformed'
  const path = [...parents, ...issue.path]
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return `${path.join('.')}: ${issue.message}`
  const depth = (alternative: readonly z.core.$ZodIssue[]) => alternative[0]?.path.length ?? 0
  return firstProblem(
    issue.errors.reduce((best, next) => (depth(next) < depth(best) ? best : next)),
    path,
  )
}
