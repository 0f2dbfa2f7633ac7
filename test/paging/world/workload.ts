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
export const hashOf = ({ podUid }: Workload): string => volumeHash(podUid, volume)
export const writerOf = ({ writer }: Workload): Writer => writer ?? spiffe
export const identityOf = ({ namespace, pod, issuer }: Workload): string =>
  `spiffe://${issuer.trustDomain}/ns/${namespace}/sa/${pod.replace(/-\d+$/, '')}`
