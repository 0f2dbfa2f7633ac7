import { promql } from './rule.ts'
import { alertAfter, diagnosisCodes, type DiagnosisCode, type Severity } from '../src/diagnosis/codes.ts'

/** The gauge of all diagnoses: every alert about a diagnosis reads it. */
export const since = 'spiffe_problem_since_timestamp_seconds'

/** The labels that identify one svidwatch. */
export const target = 'cluster, job, instance'

/** The svidwatch that export SVIDs. A process with the role `node` alone exports only its own health. */
export const anyExporter = 'svidwatch_build_info{roles=~".*cluster.*|standalone"}'

/** Returns the selector of the problems with a code that may wake somebody: those of a workload may be muted. */
export function problems(code: DiagnosisCode, severity?: Severity): string {
  const matchers = [
    `code="${code}"`,
    ...(diagnosisCodes[code].about === 'svid' ? ['muted=""'] : []),
    ...(severity === undefined ? [] : [`severity="${severity}"`]),
  ]
  return `${since}{${matchers.join(',')}}`
}

/** Returns how long a problem must last before its alert fires, as a duration of Prometheus. */
export const lasting = (code: DiagnosisCode): string => `${alertAfter(code) / 60_000}m`

/** So many seconds after its start, a svidwatch has seen all that it watches. */
const startSeconds = '120'

/**
 * Returns the condition of an alert: what was recorded. An alert that fires goes on for up to 5 min while a svidwatch of its cluster is
 * away, blind or has just started, so that whoever told it may not be able to. Where every svidwatch sees, what none of them tells has
 * ended.
 */
export const asLastTold = (alert: string, recorded: string): string => promql`
  ${recorded}
  or
  (
    last_over_time(${recorded}[5m])
    and ignoring (alertname, alertstate, severity) ALERTS{alertname="${alert}"}
    and on (cluster)
    (
      last_over_time(${anyExporter}[5m])
      unless on (${target})
      (
        (svidwatch_time_seconds - on (${target}) process_start_time_seconds > ${startSeconds})
        unless on (${target}) (svidwatch_source_up == 0)
      )
    )
  )
`

/** Returns the problems as told by those svidwatch that see a source, and by all that know of them if none does. */
export function asSeenBy(source: string, selected: string): readonly [seen: string, otherwise: string] {
  const sees = `(svidwatch_source_up{source="${source}"} == 1)`
  return [`${selected} and on (${target}) ${sees}`, `${selected} unless on (cluster) ${sees}`]
}
