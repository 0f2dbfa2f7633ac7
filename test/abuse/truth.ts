/** Families whose values change with time, whoever attacks. */
const changing =
  /^(spiffe_svids_in_use|spiffe_svid_last_observed_timestamp_seconds|spire_(svid|server_ca_cert)_expiry_seconds)\{/

/**
 * Returns the lines of an exposition that tell of the cluster and of what was counted there, which no attack may change. Of families
 * that change with time, they are the series without their values.
 */
export function truthIn(exposition: string): readonly string[] {
  const lines = exposition.split('\n').filter((line) => /^spi(ff|r)e_/.test(line))
  return lines.map((line) => (changing.test(line) ? line.slice(0, line.lastIndexOf(' ')) : line))
}

/** Returns the lines that are missing, marked with `-`, and those that were not there before, marked with `+`. */
export function differencesOf(before: readonly string[], after: readonly string[]): readonly string[] {
  const without = (lines: readonly string[], others: readonly string[]) => {
    const known = new Set(others)
    return lines.filter((line) => !known.has(line))
  }
  return [...without(before, after).map((line) => `- ${line}`), ...without(after, before).map((line) => `+ ${line}`)]
}
