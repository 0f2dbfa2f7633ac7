import type { Clock } from '../clock.ts'
import { diagnosisCodes, remedies } from '../diagnosis/codes.ts'
import type { DiagnosesView, Diagnosis, DiagnosisChange } from '../diagnosis/diagnosis.ts'
import { known } from '../known.ts'
import { rfc3339 } from '../text/rfc3339.ts'
import { BoundedLog } from './boundedLog.ts'
import type { EventFields, Log } from './log.ts'

/**
 * ProblemLog writes when a problem begins and when it ends. What another problem explains is written at the level debug, so that an
 * outage is one line, not one for each workload.
 */
export class ProblemLog {
  readonly #log: BoundedLog

  constructor(log: Log, clock: Clock, diagnoses: Pick<DiagnosesView, 'follow'>) {
    this.#log = new BoundedLog(log, clock)
    diagnoses.follow((change) => this.#changed(change))
  }

  #changed(change: DiagnosisChange): void {
    const { is, diagnosis } = change
    const { code, explainedBy, remedy } = diagnosis
    const { meaning } = diagnosisCodes[code]
    const isExplained = explainedBy !== '' || diagnosis.muted
    const about = `problems ${code}${isExplained ? ' that are explained or muted' : ''}`
    const fields = known(fieldsOf(diagnosis))
    if (is === 'ended')
      return this.#log.write(
        `ends of ${about}`,
        isExplained ? 'debug' : 'info',
        { event: 'problem_ended', ...fields },
        `${nameOf(diagnosis)}: no longer: ${meaning}`,
      )
    if (is === 'changed' && explainedBy === change.before.explainedBy) return
    const words = `${nameOf(diagnosis)}: ${meaning}${whyOf(diagnosis)}${whomOf(diagnosis)}; what heals it: ${remedies[remedy]}`
    this.#log.write(about, isExplained ? 'debug' : 'warn', { event: 'problem_begun', ...fields }, words)
  }
}

/** Returns what the log calls the subject of a problem. */
function nameOf({ subject, key }: Diagnosis): string {
  if (subject.file) return subject.file
  return subject.pod ? `${subject.namespace ?? ''}/${subject.pod}` : key
}

function whyOf({ reason, evidence: { message } }: Diagnosis): string {
  const why = [reason, message].filter((one) => one !== '' && one !== undefined).join(': ')
  return why === '' ? '' : ` (${why})`
}

/** An issuer that is down names the workloads whose SVIDs expire first. */
const whomOf = ({ evidence: { first } }: Diagnosis): string =>
  first === undefined ? '' : `; the first SVIDs to expire: ${first}`

function fieldsOf({ code, severity, reason, remedy, explainedBy, sinceMs, subject, evidence }: Diagnosis): EventFields {
  return {
    problem: code,
    severity,
    reason,
    detail: evidence['message'],
    first: evidence['first'],
    remedy,
    explained_by: explainedBy,
    since: rfc3339(sinceMs),
    spiffe_id: subject.spiffe_id,
    trust_domain: subject.trust_domain,
    namespace: subject.namespace,
    pod: subject.pod,
    node: subject.node,
    issuer: subject.issuer,
    file: subject.file,
    bundle: 'bundle' in subject ? subject.bundle : undefined,
    source: 'source' in subject ? subject.source : undefined,
  }
}
