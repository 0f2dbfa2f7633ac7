/**
 * What happens to a pod and its SVID:
 * - `healthy`: the SVID is renewed in time.
 * - `stuck`: the request for the renewal is never answered.
 * - `denied`: the request is denied, so the pod never starts.
 * - `deadMount`: the SVID is renewed, but the pod keeps the mount of a driver process that is gone.
 * - `unserved`: the node has no driver, so nothing asks for an SVID.
 * - `ended`: the pod has ended and needs no SVID.
 */
export type Fate = 'healthy' | 'stuck' | 'denied' | 'deadMount' | 'unserved' | 'ended'

export interface PodPlan {
  readonly namespace: string
  readonly name: string
  readonly serviceAccount: string
  readonly node: string
  readonly fate: Fate
}

/** The pods of the demo that have or had a volume for an SVID, in three namespaces. */
export const population: readonly PodPlan[] = [
  plan('node-1', 'shop', 'storefront-6d8f9c7b54-2xkqz', 'storefront'),
  plan('node-2', 'shop', 'storefront-6d8f9c7b54-t9wlc', 'storefront'),
  plan('node-1', 'shop', 'cart-7c5b8d6f49-pm4vd', 'cart'),
  plan('node-2', 'shop', 'checkout-58d7f6b94c-hx8rn', 'checkout'),
  plan('node-2', 'payments', 'gateway-69f8d4c5b7-vt2mh', 'gateway'),
  plan('node-1', 'payments', 'ledger-0', 'ledger', 'stuck'),
  plan('node-2', 'payments', 'fraud-check-5b9d7c8f6d-kw7lp', 'fraud-check', 'deadMount'),
  plan('node-1', 'payments', 'settlement-29723040-c8xqf', 'settlement', 'ended'),
  plan('node-1', 'platform', 'telemetry-7f9c6d8b5d-j4nzs', 'telemetry'),
  plan('node-2', 'platform', 'search-indexer-66c8b5f9d4-r7tvb', 'search-indexer'),
  plan('node-1', 'platform', 'reports-75d9b8c6f5-l2wgx', 'reports', 'denied'),
  plan('node-3', 'platform', 'mailer-59c7d6b8f4-x5dnk', 'mailer', 'unserved'),
]

function plan(node: string, namespace: string, name: string, serviceAccount: string, fate: Fate = 'healthy'): PodPlan {
  return { namespace, name, serviceAccount, node, fate }
}
