import { vi } from 'vitest'

/** Resolves with what `check` answers once it throws no more; a busy machine may take its time, a second is little. */
export function eventually<Value>(check: () => Value | Promise<Value>): Promise<Value> {
  return vi.waitFor(check, { timeout: 15_000 })
}
