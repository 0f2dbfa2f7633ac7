import type { Clock } from '../../clock.ts'
import { isRecord, mergePatch } from './mergePatch.ts'
import type { KubernetesObject } from './object.ts'
import type { Target } from './paths.ts'
import { ApiError, apiErrorOf, conflict, invalid, methodNotAllowed, notFound } from './status.ts'
import type { ObjectStore } from './store.ts'
import { checkKind, checkSeries } from './kindRules.ts'
import { parseObject } from './validation.ts'

/** A target that names an object. */
export type ObjectTarget = Target & { readonly name: string }

export function readObject(store: ObjectStore, target: ObjectTarget): KubernetesObject {
  const object = store.get(target.type.plural, target.namespace, target.name)
  if (object === undefined) throw notFound(target)
  return object
}

/** POST: the server sets the uid and the creation time, and drops the status if the resource has a status subresource. */
export function createObject(store: ObjectStore, clock: Clock, target: Target, body: unknown): KubernetesObject {
  if (target.type.namespaced && target.namespace === undefined) throw methodNotAllowed()
  const { metadata, status, ...rest } = parseObject(target, withGeneratedName(body, clock))
  if (metadata.resourceVersion !== undefined) {
    throw new ApiError('InternalError', 'resourceVersion should not be set on objects to be created')
  }
  const object: KubernetesObject = {
    ...rest,
    metadata: { ...metadata, uid: undefined, creationTimestamp: undefined },
    status: target.type.statusSubresource ? undefined : status,
  }
  checkKind(target.type, object)
  try {
    return store.create(target.type.plural, object)
  } catch (thrown) {
    throw apiErrorOf(thrown, { ...target, name: metadata.name })
  }
}

/** PUT of the object or of its status. Each leaves the other unchanged. */
export function replaceObject(store: ObjectStore, clock: Clock, target: ObjectTarget, body: unknown): KubernetesObject {
  const given = parseObject(target, body)
  if (target.type.isSwapped && store.get(target.type.plural, target.namespace, target.name) === undefined) {
    return createByUpdate(store, clock, target, given)
  }
  const current = readObject(store, target)
  if (given.metadata.name !== target.name) {
    const names = `the name of the object (${given.metadata.name}) does not match the name on the URL (${target.name})`
    throw new ApiError('BadRequest', names)
  }
  checkPrecondition(target, 'UID', given.metadata.uid, current.metadata.uid)
  requireVersion(target, given)
  checkKind(target.type, given)
  checkSeries(target.type, given, current)
  return store.update(target.type.plural, writablePart(target, given, current))
}

/** PATCH with a JSON merge patch, of the object or of its status. */
export function patchObject(store: ObjectStore, clock: Clock, target: ObjectTarget, patch: unknown): KubernetesObject {
  if (!isRecord(patch)) throw new ApiError('BadRequest', 'the patch provided is no JSON object')
  return replaceObject(store, clock, target, mergePatch(readObject(store, target), patch))
}

/** DELETE: `options` are DeleteOptions, of which only the preconditions are read. Returns a Status of success. */
export function deleteObject(store: ObjectStore, target: ObjectTarget, options: unknown): unknown {
  const { type, namespace, name } = target
  const { metadata } = readObject(store, target)
  checkPreconditions(target, options, metadata)
  store.delete(type.plural, namespace, name)
  const details = { name, group: type.group, kind: type.plural, uid: metadata.uid }
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }
}

/** Throws unless the object is the one that DeleteOptions are about. */
export function checkPreconditions(target: Target, options: unknown, metadata: KubernetesObject['metadata']): void {
  const preconditions = isRecord(options) && isRecord(options.preconditions) ? options.preconditions : {}
  checkPrecondition(target, 'UID', preconditions.uid, metadata.uid)
  checkPrecondition(target, 'ResourceVersion', preconditions.resourceVersion, metadata.resourceVersion)
}

function checkPrecondition(target: Target, what: string, expected: unknown, actual: string | undefined): void {
  if (expected === undefined || expected === actual) return
  const values = `(${JSON.stringify(expected)}) does not match the ${what} in record (${actual ?? ''})`
  throw conflict(target, `the ${what} in the precondition ${values}`)
}

/** Makes the object that a PUT names, unless the PUT is about another one, which was deleted. */
function createByUpdate(store: ObjectStore, clock: Clock, target: Target, given: KubernetesObject): KubernetesObject {
  const { uid } = given.metadata
  const metadata = { ...given.metadata, resourceVersion: undefined }
  if (uid === undefined) return createObject(store, clock, { ...target, name: undefined }, { ...given, metadata })
  const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: `
  throw conflict(target, `StorageError: invalid object, Code: 4, AdditionalErrorMsg: ${why}`)
}

/** Throws if the update has no resourceVersion, where it needs one. Most built-in resources do not. */
function requireVersion({ type, name = '' }: Target, { metadata }: KubernetesObject): void {
  if (!(type.custom || type.isSwapped) || metadata.resourceVersion !== undefined) return
  const detail = '0: must be specified for an update'
  throw invalid(type.group, type.plural, name, { field: 'metadata.resourceVersion', problem: 'Invalid value', detail })
}

/** Returns the object with only the part replaced that this path may write. */
function writablePart(target: Target, given: KubernetesObject, current: KubernetesObject): KubernetesObject {
  if (!target.type.statusSubresource) return given
  if (!target.status) return { ...given, status: current.status }
  const { resourceVersion } = given.metadata
  return { ...current, metadata: { ...current.metadata, resourceVersion }, status: given.status }
}

/** The letters that the API server appends to metadata.generateName. They form no words, and none looks like another. */
const nameLetters = 'bcdfghjklmnpqrstvwxz2456789'

function withGeneratedName(body: unknown, clock: Clock): unknown {
  if (!isRecord(body) || !isRecord(body.metadata)) return body
  const { name, generateName } = body.metadata
  if (typeof generateName !== 'string' || (name !== undefined && name !== '')) return body
  const letters = Array.from({ length: 5 }, () => nameLetters.charAt(Math.floor(clock.random() * nameLetters.length)))
  return { ...body, metadata: { ...body.metadata, name: generateName + letters.join('') } }
}
