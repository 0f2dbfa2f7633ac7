import type { Instant } from '../../../clock.ts'
import type { KnownMount } from './mountState.ts'
import type { RememberedMount, RememberedSvid } from '../remembered.ts'
import type { SvidCopy } from '../svidCopy.ts'

/** RecalledMounts holds the mounts that an earlier process has remembered, until this one has looked at their volumes. */
export class RecalledMounts {
  readonly #mounts = new Map<string, KnownMount>()

  add(svids: readonly RememberedSvid[], now: Instant): void {
    for (const { podUid, volume, svid, held } of svids)
      if (held) this.#mounts.set(keyOf(podUid, volume), recalled({ ...svid, ...ownPartOf(held) }, held, now))
  }

  /** Takes out and returns what is remembered of a volume. */
  take(podUid: string, volume: string): KnownMount | undefined {
    const key = keyOf(podUid, volume)
    const mount = this.#mounts.get(key)
    if (mount) this.#mounts.delete(key)
    return mount
  }

  forget(podUid: string, volumes: readonly { readonly name: string }[]): void {
    for (const { name } of volumes) this.#mounts.delete(keyOf(podUid, name))
  }
}

/** A mount that nothing has replaced on the host was there last. One that was replaced is what containers may have. */
function recalled(svid: SvidCopy['svid'], { bornMs, replacedMs }: RememberedMount, now: Instant): KnownMount {
  const copy = { svid, sinceMs: Math.floor(now.monotonicMs), obtainedMs: undefined }
  if (replacedMs === undefined) return { mountBirthMs: bornMs, copy: { ...copy, lostMs: now.wallMs } }
  return { mountBirthMs: replacedMs, held: { copy, bornMs, replacedMs } }
}

const ownPartOf = ({ notBeforeMs, notAfterMs, fingerprint, authorityKeyId }: RememberedMount) => ({
  notBeforeMs,
  notAfterMs,
  fingerprint,
  ...(authorityKeyId !== undefined && { authorityKeyId }),
})

const keyOf = (podUid: string, volume: string): string => `${podUid}/${volume}`
