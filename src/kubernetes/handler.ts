import type { KubernetesErrorCode } from './kubernetesError.ts'

/** Hears what a reflector sees, in order. Nothing of it may throw. */
export interface ReflectorHandler<T> {
  /** A list begins: what was known before and does not come before `listed` is gone. A list that breaks off begins again. */
  listing(): void
  /** An object as it is now: an item of the list (`listed`), or a change. */
  object(seen: ReflectedObject<T>): void
  /** An object is gone; `resourceVersion` is that of its deletion. */
  deleted(gone: { readonly uid: string; readonly resourceVersion: string }): void
  /** The list that began last is complete, as of this version. */
  listed(resourceVersion: string): void
  /** Everything up to this version has been seen, although no object changed. */
  progress(resourceVersion: string): void
  /** The API server is seen: the first list has concluded, or a list or a watch works again after trouble. */
  contact(): void
  /** An attempt failed; the next follows in `retryInMs`. */
  trouble(trouble: ReflectorTrouble, retryInMs: number): void
  /** One object or event was refused, which costs nothing else. */
  rejected(where: string, detail: string): void
}

/** One object, projected. */
export interface ReflectedObject<T> {
  readonly change: 'added' | 'modified'
  readonly listed: boolean
  readonly object: T
  readonly resourceVersion: string
}

/** Why an attempt failed; `internal` is a fault of the program itself. A watch conflicts with nobody. */
export interface ReflectorTrouble {
  readonly code: Exclude<KubernetesErrorCode, 'conflict'> | 'internal'
  readonly message: string
}
