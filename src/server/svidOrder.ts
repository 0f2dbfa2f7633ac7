import type { SvidView, UnreadableView, WorkloadView } from '../ledger/workloads/view.ts'
import { partsOfToken } from './pageToken.ts'

/** What a page of SVIDs lists: a copy of an SVID, or a certificate file from which none was ever read. */
export type ListedView = SvidView | UnreadableView

/** The sort key of a listed view: its labels in the order below, then the fingerprint of its certificate. */
export type SvidKey = readonly string[]

const order = ['namespace', 'pod', 'volume', 'file', 'copy', 'spiffe_id', 'node', 'issuer'] as const

export function keyOf(view: ListedView): SvidKey {
  return [...order.map((name) => view.labels[name]), 'svid' in view ? view.svid.fingerprint : '']
}

/** Returns the beginning of the key that everything of a workload shares. */
export const keyPrefixOf = ({ namespace, pod }: WorkloadView): SvidKey => [namespace, pod]

/** Returns a negative number if `a` comes before `b`, a positive one if after. Only as many parts as `a` has are compared. */
export function compareKeys(a: SvidKey, b: SvidKey): number {
  for (let index = 0; index < a.length; index++) {
    const [left = '', right = ''] = [a[index], b[index]]
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}

/** Returns the key of a token, or undefined for a text that is not a token. */
export function keyFromToken(token: string): SvidKey | undefined {
  const key = partsOfToken(token)
  const isKey = Array.isArray(key) && key.length === order.length + 1 && key.every((part) => typeof part === 'string')
  return isKey ? key : undefined
}
