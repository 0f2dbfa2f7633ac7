import { volumeHash } from '../../../src/identity/volumeHash.ts'
import type { X509Svid } from '../../../src/identity/x509Svid.ts'
import type { Answer, Issuer, Span } from './issuer.ts'
import { spiffe, type Writer } from './writers.ts'
import type { Life } from './lives.ts'

/** A node and the driver on it. */
export interface Node {
  readonly name: string
  /** By how much the clock of the node is ahead. */
  readonly skewMs: number
  driverDown: Span | undefined
}

/** What becomes of the renewal of a workload whose SVID is `life`; undefined: what its issuer makes of it. */
export type Fate = (life: Life, atMs: number, attempt: number) => Answer | undefined

/** What is particular about the copies of a workload's SVID. */
export interface Copies {
  /** How long after each renewal its server presents the new SVID, ms; Infinity: never. Left out if it has no server. */
  readonly reloadsAfterMs?: number
  /** Its volume is not mounted on the node meanwhile, and mounted anew then, which its containers do not see. */
  readonly unmounted?: Span
  /** There are no files in its volume meanwhile. */
  readonly emptied?: Span
  /** Its container mounts the file alone. */
  readonly bySubPath?: true
}

/** A pod with one volume for an SVID. */
export interface Workload {
  readonly kind: string
  readonly namespace: string
  readonly pod: string
  readonly podUid: string
  readonly node: Node
  readonly issuer: Issuer
  readonly fate: Fate
  /** Its mount is dead from then on: what is written does not arrive. */
  staleFromMs: number
  /** Who writes its files without requests; undefined: csi-driver-spiffe. */
  readonly writer: Writer | undefined
  /** Its files cannot be read meanwhile, because their file system does not answer svidwatch. */
  readonly stuck: Span | undefined
  /** It keeps the trust bundle of before. */
  readonly keepsBundle: boolean
  readonly copies: Copies
  /** When its container started. */
  readonly startedMs: number
  /** When the volume was mounted on the node that is mounted there. */
  mountedMs: number
  /** When its files were written. */
  writtenMs: number
  /** Which CA of its issuer has signed the newest SVID, which one the SVID in its files, and which one is in its trust bundle. */
  svidCa: number
  writtenCa: number
  bundleCa: number
  hasEnded: boolean
  issuedUid: string | undefined
  waitingUid: string | undefined
  refusedUid: string | undefined
  /** The newest SVID that was issued for it, and the one in its files. */
  svid: X509Svid | undefined
  written: X509Svid | undefined
  life: Life | undefined
}

export const volume = 'spiffe'
/** The port of its server. */
export const serverPort = 8443
export const hashOf = ({ podUid }: Workload): string => volumeHash(podUid, volume)
export const writerOf = ({ writer }: Workload): Writer => writer ?? spiffe
export const accountOf = ({ pod }: Workload): string => pod.replace(/-\d+$/, '')
export const identityOf = (workload: Workload): string =>
  `spiffe://${workload.issuer.trustDomain}/ns/${workload.namespace}/sa/${accountOf(workload)}`

/** Kubernetes and X.509 give times in whole seconds. */
export const seconds = (ms: number): number => Math.floor(ms / 1000) * 1000
