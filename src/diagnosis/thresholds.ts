const secondMs = 1_000
const minuteMs = 60 * secondMs
const dayMs = 24 * 60 * minuteMs

/** The thresholds of all diagnoses. The alert rules are generated from the same constants. */
export const thresholds = {
  /**
   * The share of the time from renewal due to expiry after which a renewal is missed: a quarter for the retries of the writer, the
   * rest for clocks that differ.
   */
  missedShare: 0.27,
  /** A copy that was seen within this time is told as seen now: evidence comes once a minute, and 3 minutes of silence are an outage. */
  unseenMs: 3 * minuteMs,
  /** A pod waits for its first SVID for a few seconds. */
  waitingMs: minuteMs,
  /** csi-driver-spiffe asks again after 6 minutes at most, also after a refusal. */
  retryMs: 6 * minuteMs,
  /** An outage explains a missed renewal for this long after the issuer issues again, if nothing newer was issued for the workload. */
  recoveryMs: 7 * minuteMs,
  /** A single missed renewal says little about an issuer that is rarely used. */
  minUnissued: 2,
  /** Where hardly any workload has a request, drivers do not ask, and the issuer is not to blame. */
  requestedShare: 0.5,
  /** csi-driver-spiffe gives up an attempt after 60 s. Half of that is too slow. */
  slowMs: 30 * secondMs,
  /** With fewer renewals, a single slow one would decide. */
  minRenewals: 10,
  /** How long a request with a false identity annotation is a problem. */
  mismatchMs: 15 * minuteMs,
  ca: {
    /** cert-manager replaces a CA when a third of its lifetime is left, SPIRE when a sixth is left. */
    warning: { leftMs: 30 * dayMs, leftShareWhenIssued: 0.15 },
    /** `leftShare`: by then, every SVID signed with a CA that was replaced has been renewed. */
    critical: { leftMs: 5 * dayMs, leftShareWhenIssued: 0.1, leftShare: 0.05 },
  },
  bundle: {
    /** Three fetches in a row have failed. */
    staleIntervals: 3,
    /** The bounds of the interval between fetches that a refresh hint can set, and the interval without a hint. */
    minIntervalMs: 200 * secondMs,
    maxIntervalMs: 60 * minuteMs,
    defaultIntervalMs: 5 * minuteMs,
    /** The share of the time from the last fetch to the expiry of the newest authority. */
    staleShare: 0.5,
  },
  trust: {
    /** One workload alone that lacks an authority has kept an old mount, or was edited by hand: it is told by name. */
    minRefusing: 2,
    /** trust-manager writes the copies of a bundle within seconds. So a copy that differs while none changes was edited, or is stuck. */
    namespacesMs: 90 * secondMs,
    /** csi-driver-spiffe updates the bundles of its volumes within a minute, the kubelet those of its own within two. */
    distributionMs: 5 * minuteMs,
    /** A rotation in the right order adds an authority, and removes one. Some distribution by hand, cluster by cluster, takes its time. */
    growingMs: 15 * minuteMs,
  },
  /** When many failures have one cause. The shares of each kind of failure are in `radius/families.ts`. */
  radius: {
    /** A renewal that nobody has asked for is late after this share of the time from renewal due to expiry. */
    lateShare: 0.1,
    /** What befalls all nodes reaches one of them first. It is less than the alert by name of any of the problems waits. */
    settleMs: 45 * secondMs,
    /** Two may fail on one node by chance. */
    minFailing: 3,
    /** Everything is a bold claim. */
    minFailingOfAll: 5,
    shareOfAll: 0.9,
    /**
     * Of what fails everywhere, this share must be on other nodes than the two with most failures, because two nodes may fail at the same
     * time. Of what was named, it must be on other nodes than the one with most, or that node alone has a cause.
     */
    shareBeyond: 0.15,
    /** With so many problems, what succeeds after the last failure is a recovery, and no proof that the cause was another. */
    certain: 5,
    /** Without others that are well, one thing is not singled out. */
    minWellElsewhere: 3,
    shareElsewhere: 0.2,
    /** So many SVIDs of one issuer are told as those of its trust domain, if no other issuer proves that it works. */
    manyOfIssuer: 10,
    /** So many nodes that fail at the same time have one cause. */
    several: 3,
    /** The number of nodes, or of issuers, that are compared with others, largest first. */
    maxCompared: 32,
  },
} as const

/** How long a problem must last before someone is told, in ms, where that is not at once. */
export const alertAfterMs = {
  mount_stale: 5 * minuteMs,
  mount_detached: minuteMs,
  mount_gone: 2 * minuteMs,
  empty_volume: 2 * minuteMs,
  sub_path: minuteMs,
  wrong_identity: 2 * minuteMs,
  peer_refuses: minuteMs,
  /** Two evaluations of the rules: while a bundle and an SVID are exchanged together, a pair may not verify for seconds. */
  authority_untrusted: 30 * secondMs,
  unreadable: 10 * minuteMs,
  not_issued: 15 * minuteMs,
  renewed_too_often: 15 * minuteMs,
  issuer_slow: 15 * minuteMs,
  ca_expiring: 2 * minuteMs,
  agent_down: 5 * minuteMs,
  bundle_unreachable: 15 * minuteMs,
  /** trust-manager tries again by itself, and a source may come a little later than the bundle. */
  bundle_unsynced: 5 * minuteMs,
  node_blind: 15 * minuteMs,
  source_blind: 10 * minuteMs,
} as const
