import { alertAfter, diagnosisCodes, type DiagnosisCode, type Severity } from '../src/diagnosis/codes.ts'

/** The gauge of all diagnoses: every alert about a diagnosis reads it. */
export const since = 'spiffe_problem_since_timestamp_seconds'

/** The labels that identify one svidwatch. */
export const target = 'cluster, job, instance'

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

/** Returns the problems as told by those svidwatch that see a source, and by all that know of them if none does. */
export function asSeenBy(source: string, selected: string): readonly [seen: string, otherwise: string] {
  const sees = `(svidwatch_source_up{source="${source}"} == 1)`
  return [`${selected} and on (${target}) ${sees}`, `${selected} unless on (cluster) ${sees}`]
}
