/** Why a restart counts as failed. Codes are contracts: they are label values. The text is for whoever is on call. */
export const failureReasons = {
  no_new_pod: 'No new pod of the owner came in time. Look at the events of its controller.',
  not_fresh: 'The new pod came, and its SVIDs are not fresh.',
  not_seen: 'The new pod came, and its SVIDs were not seen in time. They may be fresh.',
  outcome_unknown: 'Nobody could see in time whether the pod was evicted.',
  many_budgets: 'More than one PodDisruptionBudget matches the pod, so the API evicts it never. Leave one of them.',
  forbidden: 'The API forbids the eviction.',
} as const

export type FailureReason = keyof typeof failureReasons

/** The failures that say that a new pod does not heal. The others say that there was no restart. */
const ofRestarts: ReadonlySet<FailureReason> = new Set(['no_new_pod', 'not_fresh', 'not_seen', 'outcome_unknown'])

export const isOfRestart = (reason: FailureReason | undefined): boolean =>
  reason !== undefined && ofRestarts.has(reason)
