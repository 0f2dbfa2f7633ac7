import { vi } from 'vitest'

/** Resolves with the result of `check` once it no longer throws. The timeout allows for a busy machine. */
export function eventually<Value>(check: () => Value | Promise<Value>): Promise<Value> {
  return vi.waitFor(check, { timeout: 15_000 })
}
