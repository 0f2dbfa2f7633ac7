/**
 * What becomes of a pod's SVID: it is renewed in time; its renewal is never answered; its request is denied, so that it never
 * starts; it is renewed, but the pod is on the mount of a driver that has gone; or the pod has ended and needs none any more.
 */
export type Fate = 'healthy' | 'stuck' | 'denied' | 'deadMount' | 'ended'

export interface PodPlan {
  readonly namespace: string
  readonly name: string
  readonly serviceAccount: string
  readonly fate: Fate
}

/** The pods of the demonstration, in three namespaces. */
export const population: readonly PodPlan[] = [
  plan('shop', 'storefront-6d8f9c7b54-2xkqz', 'storefront'),
  plan('shop', 'storefront-6d8f9c7b54-t9wlc', 'storefront'),
  plan('shop', 'cart-7c5b8d6f49-pm4vd', 'cart'),
  plan('shop', 'checkout-58d7f6b94c-hx8rn', 'checkout'),
  plan('shop', 'catalog-84b6c9d5f7-zq6jk', 'catalog'),
  plan('payments', 'gateway-69f8d4c5b7-vt2mh', 'gateway'),
  plan('payments', 'ledger-0', 'ledger', 'stuck'),
  plan('payments', 'fraud-check-5b9d7c8f6d-kw7lp', 'fraud-check', 'deadMount'),
  plan('payments', 'settlement-29723040-c8xqf', 'settlement', 'ended'),
  plan('platform', 'telemetry-7f9c6d8b5d-j4nzs', 'telemetry'),
  plan('platform', 'search-indexer-66c8b5f9d4-r7tvb', 'search-indexer'),
  plan('platform', 'reports-75d9b8c6f5-l2wgx', 'reports', 'denied'),
]

function plan(namespace: string, name: string, serviceAccount: string, fate: Fate = 'healthy'): PodPlan {
  return { namespace, name, serviceAccount, fate }
}
