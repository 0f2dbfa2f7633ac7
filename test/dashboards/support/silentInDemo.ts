/** The rules whose expressions rightly return nothing in the demo, and why. */
export const silentInDemo: Readonly<Record<string, string>> = {
  'SVIDIssuanceDown (critical)': 'the issuer issues',
  'SVIDUnreadable (warning)': 'every certificate file can be read',
  'SVIDIssuanceSlow (warning)': 'the issuer answers within moments',
  'SVIDIssuanceStuck (warning)': 'the check ends before the stuck request has waited for 10 minutes',
  'SPIFFEIdentityMismatch (warning)': 'the driver of the demo annotates each request with what it asks for',
  'SPIFFECAExpiringSoon (warning)': 'the CA has years left',
  'SPIFFECAExpiringSoon (critical)': 'the CA has years left',
  'TrustBundleStale (warning)': 'of both partners, one gives bundles all the time and the other never did',
  'TrustBundleStale (critical)': 'of both partners, one gives bundles all the time and the other never did',
  'FederationSequenceRegressed (warning)': 'no endpoint serves an older bundle',
  'SvidwatchDown (critical)': 'svidwatch runs',
  'SvidwatchBlind (critical)': 'every source sees its system',
  'SvidwatchNodeBlind (warning)': 'every node role is heard',
  'SvidwatchSeriesDropped (warning)': 'the demo has few SVIDs',
  'SvidwatchCheckpointFailing (warning)': 'the demo commits nothing',
  'SvidwatchCollectorFailing (warning)': 'no collector fails',
}
