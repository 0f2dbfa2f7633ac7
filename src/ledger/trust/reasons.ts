/** Why trust-manager says that an object is not synced, by the reason of its condition. Codes are contracts: they are label values. */
export const unsyncedReasons = {
  source_not_found: 'a ConfigMap or Secret that the bundle takes certificates from does not exist, or lacks the key',
  source_build_error: 'the certificates of a source cannot be used',
  secret_targets_disabled: 'the bundle has a Secret as target, and trust-manager may not write Secrets',
  sync_config_map_target_failed: 'a ConfigMap could not be written; those after it were not tried',
  sync_secret_target_failed: 'a Secret could not be written; those after it were not tried',
  other: 'any other reason; the message says more',
} as const

export type UnsyncedReason = keyof typeof unsyncedReasons

const byCondition: Readonly<Record<string, UnsyncedReason>> = {
  SourceNotFound: 'source_not_found',
  SourceBuildError: 'source_build_error',
  SecretTargetsDisabled: 'secret_targets_disabled',
  SyncConfigMapTargetFailed: 'sync_config_map_target_failed',
  SyncSecretTargetFailed: 'sync_secret_target_failed',
}

/** Returns the code for the reason of a condition. */
export const unsyncedReason = (condition: string): UnsyncedReason =>
  Object.hasOwn(byCondition, condition) ? (byCondition[condition] ?? 'other') : 'other'
