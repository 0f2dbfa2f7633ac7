import { isDeepStrictEqual } from 'node:util'
import { isRecord } from './mergePatch.ts'
import type { KubernetesObject } from './object.ts'
import type { ResourceType } from './resources.ts'
import { ApiError, invalid, type FieldProblem } from './status.ts'

/** Throws ApiError if a Lease or an Event breaks a rule of its kind (pkg/apis/coordination, pkg/apis/core/validation/events.go). */
export function checkKind(type: ResourceType, object: KubernetesObject): void {
  const { group, kind } = type
  const problem =
    kind === 'Lease' ? leaseProblem(type, object) : kind === 'Event' ? eventProblem(type, object) : undefined
  if (problem !== undefined) throw invalid(group, kind, object.metadata.name, problem)
}

/** Of an Event, only the series can be changed. */
export function checkSeries(type: ResourceType, given: KubernetesObject, current: KubernetesObject): void {
  if (type.kind !== 'Event') return
  const field = eventFields.find((name) => !isDeepStrictEqual(given[name], current[name]))
  if (field === undefined) return
  const problem = { field, problem: 'Invalid value', detail: 'field is immutable' } as const
  throw invalid(type.group, type.kind, given.metadata.name, problem)
}

const eventFields = ['regarding', 'reason', 'note', 'type', 'eventTime', 'action', 'reportingController'] as const

function leaseProblem(type: ResourceType, { spec }: KubernetesObject): FieldProblem | undefined {
  if (spec === undefined || spec === null) return undefined
  if (!isRecord(spec)) throw unreadable(type, 'cannot unmarshal a value that is no object')
  checkTimes(type, [spec.acquireTime, spec.renewTime])
  const { holderIdentity, leaseDurationSeconds: seconds, leaseTransitions: transitions } = spec
  checkType(type, holderIdentity, (value) => typeof value === 'string')
  for (const number of [seconds, transitions]) checkType(type, number, isInt32)
  if (typeof seconds === 'number' && seconds <= 0) {
    return {
      field: 'spec.leaseDurationSeconds',
      problem: 'Invalid value',
      detail: `${seconds}: must be greater than 0`,
    }
  }
  if (typeof transitions === 'number' && transitions < 0) {
    const detail = `${transitions}: must be greater than or equal to 0`
    return { field: 'spec.leaseTransitions', problem: 'Invalid value', detail }
  }
  return undefined
}

/** The longest texts of an Event, in bytes. */
const longest = { reportingInstance: 128, action: 128, reason: 128, note: 1024 } as const

function eventProblem(type: ResourceType, event: KubernetesObject): FieldProblem | undefined {
  const series = isRecord(event.series) ? event.series : undefined
  checkTimes(type, [event.eventTime, series?.lastObservedTime])
  const required = ['eventTime', 'reportingController', 'reportingInstance', 'action', 'reason']
  const missing = required.find((field) => event[field] === undefined || event[field] === '')
  if (missing !== undefined) return { field: missing, problem: 'Required value', detail: '' }
  const tooLong = Object.entries(longest).find(([field, bytes]) => Buffer.byteLength(String(event[field])) > bytes)
  if (tooLong !== undefined) {
    return { field: tooLong[0], problem: 'Invalid value', detail: `can have at most ${tooLong[1]} characters` }
  }
  if (event.type !== 'Normal' && event.type !== 'Warning') {
    return { field: 'type', problem: 'Invalid value', detail: 'has invalid value' }
  }
  if (!isRecord(event.regarding) || event.regarding.namespace !== event.metadata.namespace) {
    return { field: 'involvedObject.namespace', problem: 'Invalid value', detail: 'does not match event.namespace' }
  }
  if (series !== undefined && !(Number(series.count) >= 2)) {
    return { field: 'series.count', problem: 'Invalid value', detail: 'should be at least 2' }
  }
  return undefined
}

/** A MicroTime has six digits of the second, no more and no fewer. */
const microTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(?:Z|[+-]\d\d:\d\d)$/

function checkTimes(type: ResourceType, times: readonly unknown[]): void {
  for (const time of times) {
    if (time === undefined || time === null || (typeof time === 'string' && microTime.test(time))) continue
    throw unreadable(type, `parsing time ${JSON.stringify(time)} as "2006-01-02T15:04:05.000000Z07:00": cannot parse`)
  }
}

function checkType(type: ResourceType, value: unknown, isRight: (value: unknown) => boolean): void {
  if (value === undefined || value === null || isRight(value)) return
  throw unreadable(type, `cannot unmarshal ${JSON.stringify(value)}`)
}

const isInt32 = (value: unknown): boolean => Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31

const unreadable = ({ kind, version }: ResourceType, why: string): ApiError =>
  new ApiError('BadRequest', `${kind} in version "${version}" cannot be handled as a ${kind}: ${why}`)
