import type { Instant } from '../../../clock.ts'
import type { ServedObservation } from '../observations.ts'
import type { ProbeOutcome } from '../reasons.ts'
import { peersAfter, type PeersView } from '../refused/refused.ts'
import type { Slots } from '../slots.ts'
import { reread, type SvidCopy } from '../svidCopy.ts'

/** What a server presents: the SVID that a probe saw last at one port of a pod, or at a configured target. */
export interface ServedSide extends PeersView {
  readonly slot: number
  /** The port of the pod; 0 for a configured target. */
  readonly port: number
  copy: SvidCopy
  /** When a probe last saw the copy. */
  seen: Instant
  /** The first SVID that was mounted and that the server lacks, while all mounted ones are newer. */
  behind?: NewerMount | undefined
}

/** When an SVID was mounted that is newer than the one that a server presents. */
export interface NewerMount {
  /** When it was mounted, ms since the Unix epoch. */
  readonly mountedMs: number
  /** When it was mounted, as far as this process knows, in the time of `Clock.monotonicMs`. */
  readonly sinceMs: number
}

/** What the probes of the ports of one pod came to. */
export type PodProbes = ReadonlyMap<number, PortProbe>

/** What the last probe of a port came to, and what was served there last. */
export interface PortProbe {
  readonly port: number
  readonly outcome: ProbeOutcome
  readonly detail: string
  readonly served: ServedSide | undefined
}

/**
 * Returns what is served after another probe. An SVID replaces the last one, and a certificate without a SPIFFE ID ends it. Anything
 * else leaves the last one, with its age: a server that cannot be reached may still have it.
 */
export function probed(
  before: ServedSide | undefined,
  port: number,
  result: ServedObservation['result'],
  now: Instant,
  slots: Slots,
): ServedSide | undefined {
  if ('outcome' in result) {
    if (before === undefined) return undefined
    if (result.outcome === 'no_spiffe_id') {
      slots.free(before.slot)
      return undefined
    }
    before.copy.lostMs ??= now.wallMs
    return before
  }
  const { svid, verdict } = result
  const { copy } = reread(before, { svid }, now, undefined)
  if (copy === undefined) return before
  return {
    slot: before?.slot ?? slots.take(),
    port,
    copy,
    seen: now,
    ...peersAfter(before, verdict, now),
    ...(before?.behind && before.copy.svid.fingerprint === svid.fingerprint && { behind: before.behind }),
  }
}
