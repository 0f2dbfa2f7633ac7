import type { TimeWindow } from './windows.ts'

/** How much the watchdog may do, and how sure it must be. Times are in ms, shares from 0 to 1. */
export interface Policy {
  /** The most restarts in any hour. One counts from its reservation on, until it is known that it did not happen. */
  readonly caps: {
    /** For each owner, this number or this share of its replicas, whichever is more. */
    readonly ownerPerHour: number
    readonly ownerSharePerHour: number
    readonly namespacePerHour: number
    /** For each node that the restarted pods ran on. */
    readonly nodePerHour: number
    readonly clusterPerHour: number
  }
  /** The most restarts at the same time: from the reservation until the new pod was seen fresh. */
  readonly inFlight: {
    /** The share of an owner's replicas, rounded up. */
    readonly ownerShare: number
    /** For each issuer. */
    readonly perIssuer: number
  }
  readonly issuer: {
    /** In each span of this length, an issuer is asked for this share of what it issued in the last one, or for `floor`, whichever is more. */
    readonly spanMs: number
    readonly shareOfIssued: number
    readonly floor: number
    /** An issuer that lets a request wait for so long, and answers no other meanwhile, is failing. */
    readonly waitsMs: number
  }
  /** Above this share of all workloads, and above this number, too many are stale at once: nothing restarts. */
  readonly circuit: { readonly staleShare: number; readonly minStale: number }
  /** A workload that was not renewed is alone if it is the only one on its node, and one of so many of its issuer. */
  readonly lonePerIssuer: number
  /** How long a problem must last, with `clockSkewMs` on top. */
  readonly settleMs: number
  /** Evidence that is older does not count. */
  readonly evidenceMs: number
  /** By how much the clocks of nodes, issuers and API servers may differ. */
  readonly clockSkewMs: number
  /** For how long after a restart the owner's pods that came after it are left alone. */
  readonly cooldownMs: number
  readonly canary: {
    /** For how long a verified restart is proof that the next will heal, too. */
    readonly provesMs: number
    /** So many failures since the last verified restart end the proof. */
    readonly failures: number
  }
  /** How long to wait after the API has refused an eviction, doubled each time up to the maximum. */
  readonly refusal: { readonly firstMs: number; readonly maxMs: number }
  readonly verify: {
    /** Within this time after a restart, the new pod must be seen fresh. */
    readonly withinMs: number
    /** A pod that is still there so long after its reservation was not evicted, and will not be. */
    readonly abandonMs: number
    /** A reservation that is older, by a monotonic clock, is not acted on any more: another leader may be looking at it. */
    readonly actWithinMs: number
    /** For how long an owner must be well for its failure to be over. */
    readonly wellMs: number
  }
  /** When restarts are allowed; always, if there is no window. */
  readonly windows: readonly TimeWindow[]
}

const minuteMs = 60_000

/**
 * Heals 10 workloads of one cause within 30 minutes, of one owner or of many, and 200 within 4 hours, in one namespace or on one node, too:
 * 7 minutes until the problem has settled, some for the canaries, and then rounds of a few minutes each.
 */
export const defaultPolicy: Policy = {
  caps: {
    /** All of 10 replicas, and two that did not happen. */
    ownerPerHour: 12,
    /** All of 200 replicas in four hours, with one in ten to spare. */
    ownerSharePerHour: 0.3,
    namespacePerHour: 60,
    nodePerHour: 60,
    /** What a second cause needs beside the first. */
    clusterPerHour: 100,
  },
  /** Deployments roll out with a quarter of their pods away. 30 restarts at once have overloaded istio-csr (#217). */
  inFlight: { ownerShare: 0.25, perIssuer: 10 },
  issuer: {
    spanMs: 10 * minuteMs,
    /** The other half is for renewals. */
    shareOfIssued: 0.5,
    /** An issuer of SVIDs that live for a month issues hardly anything. A restart in 40 seconds burdens no issuer. */
    floor: 15,
    /** csi-driver-spiffe gives up an attempt after 60 s. */
    waitsMs: 1.5 * minuteMs,
  },
  /** A restarted driver may make all pods of a small cluster stale, and these are healed. */
  circuit: { staleShare: 0.5, minStale: 20 },
  lonePerIssuer: 3,
  /** As long as the alert for a stale mount waits: until then, a finding may be on its way. */
  settleMs: 5 * minuteMs,
  evidenceMs: 5 * minuteMs,
  clockSkewMs: 2 * minuteMs,
  /** An SVID of an hour is renewed after 40 minutes: a server that never reloads is restarted once for each renewal. */
  cooldownMs: 30 * minuteMs,
  canary: { provesMs: 30 * minuteMs, failures: 2 },
  refusal: { firstMs: minuteMs, maxMs: 5 * minuteMs },
  verify: {
    /** A pod takes some minutes to start, csi-driver-spiffe asks again after 6 minutes at most, and findings may be late. */
    withinMs: 15 * minuteMs,
    /** An API server gives a request up after a minute, and a reservation is acted on for a third of one. */
    abandonMs: 2 * minuteMs,
    actWithinMs: minuteMs / 3,
    wellMs: 5 * minuteMs,
  },
  windows: [],
}
