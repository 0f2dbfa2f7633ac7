/** Mutants that no test can catch, since they change nothing that anybody could see, by their names. They are not run. */
export const equivalent: readonly { readonly mutants: RegExp; readonly reason: string }[] = [
  {
    mutants: /: without copy!~"mounted\|served": /,
    reason: 'a mounted or served copy that the last clause lets through has been let through by its own',
  },
  {
    mutants: /: without code=~"renewal_missed\|expired": .*⟧muted="",explained_by="issuer_down"/,
    reason: 'an issuer that is down explains nothing but missed renewals; the matcher says so to the reader',
  },
  {
    mutants: /^spiffe:svid_issuance_down:count: without code="renewal_missed": /,
    reason:
      'an issuer that is down explains missed renewals and what has expired, and the latter is let through anyway',
  },
  {
    mutants: /^spiffe:svid_renewal_missed:since_timestamp_seconds: without muted="": .*⟧explained_by="issuer_down"/,
    reason: 'what is muted is not among the missed renewals from which it would be taken',
  },
  {
    mutants: /^spiffe:svid_refused:since_timestamp_seconds: without code="peer_refuses": .*⟧explained_by="authority/,
    reason: 'an authority that is not trusted explains nothing but refusals; the matcher says so to the reader',
  },
  {
    mutants: /: without code="renewal_missed": .* \+ Inf/,
    reason: 'what has expired has its time by then; the matcher says to the reader what is left',
  },
  {
    mutants: /: is (50000000000|200000000000|500000000000|2000000000000): /,
    reason: 'any number far beyond all times puts the first of each namespace before all others',
  },
  { mutants: /^SvidwatchAlive none: is /, reason: 'an alert fires whatever the value is' },
  {
    mutants:
      /^SvidwatchBlind critical: is (600s: .*last_over_time\(svidwatch_build_info|150s: .*last_over_time\(svidwatch_build_info.*\) or max by)/,
    reason:
      'whatever tells of a source tells its roles in the same scrape; what is neither for a moment is never so for as long as `for`',
  },
]
