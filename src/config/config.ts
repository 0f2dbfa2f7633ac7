import type { z } from 'zod'
import type { RenewalRule } from '../identity/renewal.ts'
import type { schema } from './schema.ts'

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T

type Settings = DeepReadonly<z.output<typeof schema>>

/** A CSI driver whose volumes hold SVIDs, and the rule for when a renewal of these SVIDs is due. */
export interface SvidDriver {
  readonly name: string
  readonly renewal: RenewalRule
}

/** A certificate file, and the rule for when a renewal of its SVID is due. */
export type SvidFile = Omit<Settings['files'][number], 'renewBefore'> & { readonly renewal: RenewalRule }

/** All settings with their defaults filled in. Durations are in milliseconds. */
export type Config = Omit<Settings, 'drivers' | 'files' | 'servedSvids' | 'checkpoint' | 'readiness'> & {
  readonly drivers: readonly SvidDriver[]
  readonly files: readonly SvidFile[]
  readonly servedSvids: Omit<Settings['servedSvids'], 'interval' | 'timeout'> & {
    readonly intervalMs: number
    readonly timeoutMs: number
  }
  readonly checkpoint: Omit<Settings['checkpoint'], 'interval'> & { readonly intervalMs: number }
  readonly readiness: { readonly deadlineMs: number }
}
