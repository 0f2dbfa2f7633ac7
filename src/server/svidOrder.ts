import type { SvidView, WorkloadView } from '../ledger/workloads/view.ts'

/** The sort key of a copy: its labels in the order below, then the fingerprint of its certificate. */
export type SvidKey = readonly string[]

const order = ['namespace', 'pod', 'volume', 'file', 'copy', 'spiffe_id', 'node', 'issuer'] as const

export function keyOf({ labels, svid }: SvidView): SvidKey {
  return [...order.map((name) => labels[name]), svid.fingerprint]
}

/** Returns the beginning of the key that all copies of a workload share. */
export const keyPrefixOf = ({ namespace, pod }: WorkloadView): SvidKey => [namespace, pod]

/** Returns a negative number if `a` comes before `b`, a positive one if after. Only as many parts as `a` has are compared. */
export function compareKeys(a: SvidKey, b: SvidKey): number {
  for (let index = 0; index < a.length; index++) {
    const [left = '', right = ''] = [a[index], b[index]]
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}

/** Returns the key as an opaque text for a URL. */
export function tokenOf(key: SvidKey): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

/** Returns the key of a token, or undefined for a text that is not a token. */
export function keyFromToken(token: string): SvidKey | undefined {
  try {
    const key: unknown = JSON.parse(Buffer.from(token, 'base64url').toString())
    const isKey = Array.isArray(key) && key.length === order.length + 1 && key.every((part) => typeof part === 'string')
    return isKey ? key : undefined
  } catch {
    return undefined
  }
}
