import { systemClock, type Clock } from '../../src/clock.ts'

/** More than what is left of every SVID. */
const outageMs = 24 * 3_600_000

/** The clock of this machine, which can be set ahead so far that every SVID has missed its renewal. */
export function outageClock(): { readonly clock: Clock; readonly setAhead: () => void } {
  let aheadMs = 0
  return { clock: { ...systemClock, now: () => systemClock.now() + aheadMs }, setAhead: () => (aheadMs = outageMs) }
}
