import type { DiagnosisCode, Severity } from '../../src/diagnosis/codes.ts'
import { inCluster, problems } from './promql.ts'

/**
 * Returns the problems to mark on graphs. They must not be about single SVIDs: in an outage there are tens of thousands of those, and
 * reading them over hours would take Prometheus minutes.
 */
export const markOf = (severity: Severity, codes: readonly DiagnosisCode[], where = inCluster): string =>
  `group by (cluster, code, issuer, node, source, trust_domain, bundle) (${problems(codes, `severity="${severity}", ${where}`)})`

/** What is marked wherever SVIDs are shown. */
export const marksOfSvids: Readonly<Record<Severity, string>> = {
  critical: markOf('critical', ['issuer_down', 'ca_expiring', 'authority_untrusted', 'source_blind']),
  warning: markOf('warning', [
    'issuer_slow',
    'ca_expiring',
    'bundle_skew',
    'bundle_unsynced',
    'agent_down',
    'node_blind',
    'identity_mismatch',
  ]),
}
