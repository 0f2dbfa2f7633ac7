import { diagnosisCodes } from '../diagnosis/codes.ts'
import type { Diagnosis, Subject } from '../diagnosis/diagnosis.ts'
import { spanIdOf, traceIdOf, type SpanIds } from './ids.ts'
import { spanOf, type SpanGroup } from './spans.ts'

/**
 * Returns the span of a problem that has ended. Its trace id comes from its code, its subject and its beginning, so that it has one trace
 * whichever process sees its end. The span id comes from the end as well, because a problem may end, and be found again.
 */
export function problemSpans(diagnosis: Diagnosis, endedMs: number, failed: SpanIds | undefined): SpanGroup {
  const { code, key, severity, reason, remedy, explainedBy, subject } = diagnosis
  const sinceMs = Math.round(diagnosis.sinceMs)
  const span = spanOf({
    traceId: traceIdOf('problem', code, key, sinceMs),
    spanId: spanIdOf('problem', code, key, sinceMs, endedMs),
    name: 'svid.problem',
    start: { ms: sinceMs, source: 'rule' },
    end: { ms: endedMs, source: 'observed' },
    error: diagnosisCodes[code].meaning,
    attributes: {
      ...aboutOf(subject),
      'error.type': code,
      'svidwatch.problem.code': code,
      'svidwatch.problem.severity': severity,
      'svidwatch.problem.reason': reason,
      'svidwatch.problem.remedy': remedy,
      'svidwatch.problem.explained_by': explainedBy,
      'svidwatch.problem.subject': diagnosisCodes[code].about === 'svid' ? undefined : key,
    },
    links: failed ? [failed] : [],
  })
  return { spans: [span], isFailure: true }
}

const aboutOf = (subject: Subject) => ({
  'spiffe.id': subject.spiffe_id,
  'spiffe.trust.domain': subject.trust_domain,
  'k8s.namespace.name': subject.namespace,
  'k8s.pod.name': subject.pod,
  'k8s.node.name': subject.node,
  'k8s.volume.name': subject.volume,
  'svidwatch.issuer': subject.issuer,
})
