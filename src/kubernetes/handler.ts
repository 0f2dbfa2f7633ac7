import type { KubernetesErrorCode, Missing } from './kubernetesError.ts'

/** Is called by a reflector for everything that it sees, in order. No method may throw. */
export interface ReflectorHandler<T> {
  /** A list begins. Objects that do not come before `listed` no longer exist. A list that breaks off begins again. */
  listing(): void
  /** An object was listed, added or modified. */
  object(object: ReflectedObject<T>): void
  /** An object was deleted. `resourceVersion` is that of the deletion. */
  deleted(object: { readonly uid: string; readonly resourceVersion: string }): void
  /** The list that began last is complete as of this version. */
  listed(resourceVersion: string): void
  /** Everything up to this version has been seen. No object changed. */
  progress(resourceVersion: string): void
  /**
   * Everything up to now is known: a list is complete, a watch was answered and has caught up, or a line of it has arrived. Comes with
   * each such evidence.
   */
  contact(): void
  /** An attempt failed. The next one follows in `retryInMs`. */
  trouble(trouble: ReflectorTrouble, retryInMs: number): void
  /** One object or event was refused. All others are still delivered. */
  rejected(rejection: ObjectRejection): void
}

/** An object or event that was refused. The object exists. What was known of it before is still the best that is known. */
export interface ObjectRejection {
  readonly reason: 'malformed_object' | 'oversized_object'
  /** Names the object. */
  readonly where: string
  readonly detail: string
  /** '' if it is not known. */
  readonly uid: string
  /** Whether the object is an item of a list. */
  readonly listed: boolean
}

export interface ReflectedObject<T> {
  readonly change: 'added' | 'modified'
  /** Whether the object is an item of a list. */
  readonly listed: boolean
  readonly object: T
  readonly resourceVersion: string
}

/** Why an attempt failed. `internal` is a bug of svidwatch itself. No list or watch can conflict. */
export interface ReflectorTrouble {
  readonly code: Exclude<KubernetesErrorCode, 'conflict'> | 'internal'
  readonly message: string
  /** What does not exist, if the API server itself says so. */
  readonly missing?: Missing | undefined
}
