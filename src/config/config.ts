import type { z } from 'zod'
import type { schema } from './schema.ts'

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T

type Settings = DeepReadonly<z.output<typeof schema>>

/** All settings with their defaults filled in; durations are milliseconds. */
export type Config = Omit<Settings, 'checkpoint' | 'readiness'> & {
  readonly checkpoint: Omit<Settings['checkpoint'], 'interval'> & { readonly intervalMs: number }
  readonly readiness: { readonly deadlineMs: number }
}
