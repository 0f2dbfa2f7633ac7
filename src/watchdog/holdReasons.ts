/** Why a pod is not restarted. Codes are contracts: they are label values and values of the API. The text is for whoever is on call. */
export const holdReasons = {
  not_healed_by_restart: 'A new pod does not heal this problem. The runbook of its alert says what does.',
  no_controller: 'The pod has no controller, so nothing would make a new one.',
  runs_to_completion: 'The pod belongs to a Job, whose work would be lost.',
  own_pod: 'The pod belongs to svidwatch itself.',
  agent: 'An agent or CSI driver runs in the pod. Restarting it makes the mounts of its node stale.',
  never: 'The pod is labelled svidwatch.io/restart=never.',
  not_allowed: 'Neither the pod nor its namespace is labelled svidwatch.io/restart=allowed.',
  not_running: 'The pod is not running, or is already being deleted.',
  node_not_ready:
    'The node of the pod is not Ready, so nothing can be said about the pod, and a new one may not start.',
  agent_not_ready: 'The agent on the node is not Ready, so a new pod may not get its SVID.',
  found_elsewhere: 'The finding comes from another node than the one on which the API places the pod.',
  contradicted:
    'The server in the pod presents a newer SVID than the one that its node reports. One of the two is wrong.',
  evidence_old: 'What proves the problem has not been seen lately.',
  not_settled: 'The problem is so new that it may pass by itself.',
  started_since_issuance:
    'The container started after the newest SVID was issued, or nobody knows when. It already had the chance that a restart gives.',
  renewed_too_often: 'The SVID is renewed again and again. Each renewal would cause a restart.',
  request_refused: 'The request for a new SVID was denied or has failed. That of a new pod would be, too.',
  issued_since: 'A newer SVID was issued since the renewal was due, so another problem is behind this one.',
  not_alone: 'Other workloads of the same node or issuer were not renewed either: the cause is not in the pod.',
  issuer_failing: 'Circuit open: an issuer of the pod is failing, and a new pod would not get its SVID.',
  issuer_unproven: 'The issuer has issued nothing since the renewal was due, so it may be the cause.',
  trust_broken: 'Circuit open: peers may refuse new SVIDs of this trust domain, while they accept the old one.',
  too_many_stale: 'Circuit open: too large a share of all workloads is stale. Find the cause first.',
  in_hand: 'A restart of the pod is reserved, under way or done.',
  refused_lately:
    'The restart was refused a moment ago, by a PodDisruptionBudget, by a busy API server or by the kill switch. It is tried again soon.',
  owner_failed:
    'A restart of a pod of this owner did not heal. Once the cause is gone, annotate the pod with svidwatch.io/restart-retry and the time.',
  cooling_down: 'The pod came after a restart of its owner not long ago.',
  canary_failed: 'Restarts for this cause did not heal. None follows until their failures are over or cleared.',
  awaiting_canary: 'One pod was restarted as the canary for this cause. Others follow once it is seen fresh.',
  owner_in_flight: 'So many pods of the owner are being restarted that no more should be away.',
  issuer_in_flight: 'So many restarted pods wait for SVIDs of the issuer that more would overload it.',
  issuer_rate: 'More restarts would ask the issuer for more than it is seen to issue.',
  owner_cap: 'The owner has had as many restarts within an hour as are allowed.',
  namespace_cap: 'The namespace has had as many restarts within an hour as are allowed.',
  node_cap: 'The node has had as many restarts within an hour as are allowed.',
  cluster_cap: 'The cluster has had as many restarts within an hour as are allowed.',
  outside_window: 'Restarts are not allowed at this time of the week.',
  history_full: 'The record of restarts is full. It empties with time, or once failures are cleared.',
} as const

export type HoldReason = keyof typeof holdReasons
