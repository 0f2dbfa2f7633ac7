import { diagnosisCodes } from '../diagnosis/codes.ts'
import { subjectLabelNames, type Diagnosis, type Evidence, type Subject } from '../diagnosis/diagnosis.ts'
import { runbookOf } from '../diagnosis/runbooks.ts'
import { rfc3339 } from '../text/rfc3339.ts'

/** Returns the item of the API for a problem. */
export function problemItem(diagnosis: Diagnosis) {
  const { code, severity, subject, reason, sinceMs, impactMs, evidence, remedy, explainedBy, muted } = diagnosis
  const { meaning, alert } = diagnosisCodes[code]
  return {
    code,
    severity,
    subject: subjectFields(subject),
    ...(reason !== '' && { reason }),
    since: rfc3339(sinceMs),
    ...(impactMs !== undefined && { impact: rfc3339(impactMs) }),
    evidence: Object.fromEntries(Object.entries(evidence).map(readable)),
    remedy,
    ...(explainedBy !== '' && { explainedBy }),
    ...(muted && { muted }),
    meaning,
    alert,
    runbook: runbookOf(alert),
  }
}

/** The fields for the labels of a subject: `spiffeId` for `spiffe_id`. */
const fieldNames = subjectLabelNames.map((label) => {
  const field = label.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  return { label, field }
})

/** Returns the labels that apply, under the names of the API. */
function subjectFields(subject: Subject): Readonly<Record<string, string>> {
  const labels: Readonly<Partial<Record<(typeof subjectLabelNames)[number], string>>> = subject
  return Object.fromEntries(
    fieldNames.flatMap(({ label, field }) => {
      const value = labels[label] ?? ''
      return value === '' ? [] : [[field, value]]
    }),
  )
}

/** Returns a value of evidence as people read it: a time as RFC 3339, under its name without the unit. */
function readable([name, value]: [string, Evidence[string]]): [string, Evidence[string]] {
  return typeof value === 'number' && name.endsWith('Ms')
    ? [name.slice(0, -'Ms'.length), rfc3339(value)]
    : [name, value]
}
