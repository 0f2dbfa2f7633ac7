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
} as const

/** How long a problem must last before someone is told, in ms, where that is not at once. */
export const alertAfterMs = {
  mount_stale: 5 * minuteMs,
  unreadable: 10 * minuteMs,
  not_issued: 15 * minuteMs,
  renewed_too_often: 15 * minuteMs,
  issuer_slow: 15 * minuteMs,
  ca_expiring: 2 * minuteMs,
  agent_down: 5 * minuteMs,
  bundle_unreachable: 15 * minuteMs,
  node_blind: 15 * minuteMs,
  source_blind: 10 * minuteMs,
} as const
