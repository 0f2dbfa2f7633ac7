const superset =
  'it only keeps what follows small and fast: whatever else it lets through is joined with copies whose renewal is due, and falls out there'

/** Mutants that no test can catch, since they change nothing that anybody could see, by their names. They are not run. */
export const equivalent: readonly { readonly mutants: RegExp; readonly reason: string }[] = [
  {
    mutants: /^spiffe:svid_overdue:renewal_due_timestamp_seconds: without what follows Lss/,
    reason:
      'a copy that was seen after its page time was seen after its renewal was due; the comparison keeps the rest small',
  },
  {
    mutants:
      /^spiffe:svid_overdue:((not_after|observed)_timestamp|expiry)_seconds: without what follows And: .*⟦(spiffe_svid_not_|spiffe_svid_last_observed_|spiffe_svid_renewal_due_)/,
    reason: superset,
  },
  {
    mutants: /^spiffe:svid_overdue:((not_after|observed)_timestamp|expiry)_seconds: without \w+: .* and on \([^()]*⟦/,
    reason: superset,
  },
  {
    mutants: /^spiffe:svid_overdue:observed_timestamp_seconds: without copy="issued": .*spiffe_svid_renewal_due_/,
    reason: 'each mounted copy has the series that is taken first; the matcher keeps the rest small',
  },
  {
    mutants: /^spiffe:svid_overdue:expiry_seconds: without copy="issued": .*spiffe_svid_renewal_due_/,
    reason:
      'the renewal of a mounted copy was due before it was seen, or the copy would not page; the matcher keeps the rest small',
  },
  {
    mutants:
      /^spiffe:svid_overdue:expiry_seconds: without copy="issued": .*seen_timestamp_seconds\{⟦copy="issued"⟧\}\)\) \) unless/,
    reason: 'the mounted copy was seen before the issued one where it was seen before the later of both',
  },
  { mutants: /^SvidwatchAlive none: is /, reason: 'an alert fires whatever the value is' },
  {
    mutants:
      /^SvidwatchBlind critical: is (600s: .*last_over_time\(svidwatch_build_info|150s: .*last_over_time\(svidwatch_build_info.*\) or max by)/,
    reason:
      'whatever tells of a source tells its roles in the same scrape; what is neither for a moment is never so for as long as `for`',
  },
]
