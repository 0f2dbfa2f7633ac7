import type { Log } from './log.ts'
import type { Observation, Report, SourceName } from './ledger/observations.ts'

/** Passes observations on and writes down what an operator wants to read: trouble when it begins or changes, its end, refusals. */
export function journaled(report: Report, log: Log): Report {
  const troubled = new Map<SourceName, string>()
  const write = (observation: Observation) => {
    switch (observation.kind) {
      case 'trouble': {
        const { source, reason, detail } = observation
        if (troubled.get(source) !== reason)
          log.warn({ event: 'source_trouble', source, reason, detail }, `${source}: ${detail}`)
        troubled.set(source, reason)
        break
      }
      case 'contact': {
        const { source } = observation
        log.info(
          { event: 'source_contact', source },
          `${source}: ${troubled.delete(source) ? 'sees its system again' : 'watching'}`,
        )
        break
      }
      case 'rejected': {
        const { source, reason, where, detail } = observation
        log.warn({ event: 'rejected', source, reason, where, detail }, `${where}: ${detail}`)
        break
      }
      default:
    }
  }
  return (observation) => {
    write(observation)
    report(observation)
  }
}
