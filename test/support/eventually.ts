import { vi } from 'vitest'

/** Resolves with the result of `check` once it no longer throws. Waits for up to 15 s, because the machine may be busy. */
export function eventually<Value>(check: () => Value | Promise<Value>): Promise<Value> {
  return vi.waitFor(check, { timeout: 15_000 })
}
