import { promql, type RecordingRule } from './rule.ts'
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

/** Returns the selector of the problems of SVIDs with these codes that may wake somebody and that no other problem has caused. */
export const unexplained = (...codes: readonly DiagnosisCode[]): string =>
  `${since}{code${codes.length > 1 ? '=~' : '='}"${codes.join('|')}",muted="",explained_by=""}`

/** Returns how long a problem must last before its alert fires, as a duration of Prometheus. */
export const lasting = (code: DiagnosisCode): string => {
  const seconds = alertAfter(code) / 1000
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`
}

/** So many seconds after its start, a svidwatch has seen all that it watches. */
const startSeconds = '120'

/** Records which clusters have a svidwatch that may not be able to tell what goes on. */
export const unsure: RecordingRule = {
  record: 'spiffe:svidwatch_unsure:group',
  expr: promql`
    group by (cluster) (
      last_over_time(${anyExporter}[5m])
      unless on (${target})
      (
        (svidwatch_time_seconds - on (${target}) process_start_time_seconds > ${startSeconds})
        unless on (${target}) (svidwatch_source_up == 0)
      )
    )
  `,
  meaning:
    'Is 1 for each cluster with a svidwatch that has been away for less than 5 min, is blind or has just started, so that what it told may not have ended.',
}

/** Returns the name of what is recorded of another series by `asLastTold`. */
export const lastTold = (recorded: string): string => recorded.replace(/:(\w+)$/, ':told_$1')

/**
 * Returns the rule that records what an alert fires for: what was recorded, and, while a svidwatch of its cluster is unsure, what the
 * alert has been firing for, for up to 5 min. Where every svidwatch is sure, what none of them tells has ended.
 *
 * The rule reads what it recorded before, not the alert, whose labels may have other names.
 */
export const asLastTold = (recorded: string, meaning: string): RecordingRule => ({
  record: lastTold(recorded),
  expr: promql`
    ${recorded}
    or
    (
      last_over_time(${recorded}[5m])
      and ${lastTold(recorded)}
      and on (cluster) ${unsure.record}
    )
  `,
  meaning,
})

/** Returns the problems as told by those svidwatch that see a source, and by all that know of them if none does. */
export function asSeenBy(source: string, selected: string): readonly [seen: string, otherwise: string] {
  const sees = `(svidwatch_source_up{source="${source}"} == 1)`
  return [`${selected} and on (${target}) ${sees}`, `${selected} unless on (cluster) ${sees}`]
}
