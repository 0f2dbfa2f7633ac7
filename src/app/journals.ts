import type { SourceName } from '../ledger/sight/observations.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { DiagnosesView } from '../diagnosis/diagnosis.ts'
import { Journal } from '../log/journal.ts'
import { ProblemLog } from '../log/problemLog.ts'
import { RequestLog } from '../log/requestLog.ts'
import { onlyAgentOf } from './agents.ts'
import type { AppOptions } from './options.ts'
import type { Traces } from './traces.ts'

type Options = Pick<AppOptions, 'log' | 'clock' | 'config'> & {
  /** The sources of the process. */
  readonly sources: readonly SourceName[]
  readonly diagnoses: Pick<DiagnosesView, 'follow'>
}

/** Starts to log what happens to the sources, what is wrong, and how requests for SVIDs end. */
export function startJournals(
  { log, clock, config, sources, diagnoses }: Options,
  ledger: Ledger,
  traces?: Traces,
): void {
  const { follow } = ledger
  new Journal(log, clock, follow)
  new ProblemLog(log, clock, diagnoses)
  new RequestLog({
    ...{ ...config.log, log, clock, follow },
    placeOf: (request) => ledger.placeOf(request),
    watchesFiles: sources.includes('files'),
    agent: onlyAgentOf(config),
    idsOf: (request) => traces?.idsOf(request),
  })
}
