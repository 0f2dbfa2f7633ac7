/**
 * What happens to a pod and its SVID:
 * - `healthy`: the SVID is renewed in time.
 * - `stuck`: the request for the renewal is never answered.
 * - `denied`: the request is denied, so the pod never starts.
 * - `deadMount`: the SVID is renewed, but the pod keeps the mount of a driver process that is gone.
 * - `detached`: the SVID is renewed on the node, but the pod's containers keep an older mount, and read an expired one.
 * - `notReloaded`: the SVID is renewed, but the pod's server presents the one of its start for ever.
 * - `subPath`: the SVID is renewed, but the container mounts the file alone, by subPath, and keeps the first one.
 * - `unserved`: the node has no driver, so nothing asks for an SVID.
 * - `ended`: the pod has ended and needs no SVID.
 */
export type Fate =
  'healthy' | 'stuck' | 'denied' | 'deadMount' | 'detached' | 'notReloaded' | 'subPath' | 'unserved' | 'ended'

/**
 * What a pod's server asks of clients: nothing, or a certificate that verifies against the trust bundle of its start. A server reads its
 * SVID again at each renewal, unless the pod's fate is `notReloaded`.
 */
export type Serving = 'tls' | 'mtls'

/** A ReplicaSet and a Job give another pod a new name, a StatefulSet the same one. */
export type ControllerKind = 'ReplicaSet' | 'StatefulSet' | 'Job'

export interface PodPlan {
  readonly namespace: string
  readonly name: string
  readonly serviceAccount: string
  readonly node: string
  readonly fate: Fate
  /** What brings the pod back when it is deleted, which its name ends in; left out if nothing does. */
  readonly controller?: ControllerKind
  readonly labels?: Readonly<Record<string, string>>
  /** Whether its container has a TLS server that presents the SVID; left out if it has none. */
  readonly serves?: Serving
}

/** The pods of the demo that have or had a volume for an SVID, in three namespaces. */
export const population: readonly PodPlan[] = [
  plan('node-1', 'shop', 'storefront-6d8f9c7b54-2xkqz', 'storefront', { serves: 'tls' }),
  plan('node-2', 'shop', 'storefront-6d8f9c7b54-t9wlc', 'storefront'),
  plan('node-1', 'shop', 'cart-7c5b8d6f49-pm4vd', 'cart'),
  plan('node-2', 'shop', 'checkout-58d7f6b94c-hx8rn', 'checkout', { serves: 'mtls' }),
  plan('node-2', 'payments', 'gateway-69f8d4c5b7-vt2mh', 'gateway', { fate: 'notReloaded', serves: 'tls' }),
  plan('node-1', 'payments', 'ledger-0', 'ledger', { fate: 'stuck', controller: 'StatefulSet' }),
  plan('node-2', 'payments', 'fraud-check-5b9d7c8f6d-kw7lp', 'fraud-check', { fate: 'deadMount' }),
  plan('node-1', 'payments', 'settlement-29723040-c8xqf', 'settlement', { fate: 'ended', controller: 'Job' }),
  plan('node-1', 'platform', 'telemetry-7f9c6d8b5d-j4nzs', 'telemetry', { fate: 'detached' }),
  plan('node-2', 'platform', 'search-indexer-66c8b5f9d4-r7tvb', 'search-indexer', { fate: 'subPath' }),
  plan('node-1', 'platform', 'reports-75d9b8c6f5-l2wgx', 'reports', { fate: 'denied' }),
  plan('node-3', 'platform', 'mailer-59c7d6b8f4-x5dnk', 'mailer', { fate: 'unserved' }),
]

function plan(
  node: string,
  namespace: string,
  name: string,
  serviceAccount: string,
  particular: Partial<Pick<PodPlan, 'fate' | 'serves' | 'controller'>> = {},
): PodPlan {
  return { namespace, name, serviceAccount, node, fate: 'healthy', controller: 'ReplicaSet', ...particular }
}
