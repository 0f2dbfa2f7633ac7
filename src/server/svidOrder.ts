import type { SvidView, WorkloadView } from '../ledger/workloads/view.ts'

/** Where a copy stands in the order of the pages: its labels, the most telling first; then, among equals, its certificate. */
export type SvidKey = readonly string[]

const order = ['namespace', 'pod', 'volume', 'file', 'copy', 'spiffe_id', 'node', 'issuer'] as const

export function keyOf({ labels, svid }: SvidView): SvidKey {
  return [...order.map((name) => labels[name]), svid.fingerprint]
}

/** Where a workload stands in that order, as far as the workload says. */
export const placeOf = ({ namespace, pod }: WorkloadView): SvidKey => [namespace, pod]

/** Negative where `a` comes first; 0 where they are equal as far as `a` goes. */
export function compareKeys(a: SvidKey, b: SvidKey): number {
  for (let index = 0; index < a.length; index++) {
    const [left = '', right = ''] = [a[index], b[index]]
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}

/** The key as an opaque text for a URL. */
export function tokenOf(key: SvidKey): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

/** The key that a token stands for; undefined for a text that is no token. */
export function keyFromToken(token: string): SvidKey | undefined {
  try {
    const key: unknown = JSON.parse(Buffer.from(token, 'base64url').toString())
    const isKey = Array.isArray(key) && key.length === order.length + 1 && key.every((part) => typeof part === 'string')
    return isKey ? key : undefined
  } catch {
    return undefined
  }
}
