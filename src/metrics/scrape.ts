import type { DiagnosesView } from '../diagnosis/diagnosis.ts'
import type { LedgerView } from '../ledger/view.ts'
import { compress } from './compress.ts'
import type { Exemplars } from './exemplars.ts'
import type { Format } from './exposition.ts'
import { createFamilies, type FamilyOptions } from './families.ts'
import { contentTypes, negotiateFormat } from './negotiate.ts'
import { createRenderer, type OnCollectorError } from './renderer.ts'
import { createSnapshots } from './snapshot.ts'

export type { BuildInfo } from './collectors/self.ts'

export interface MetricsOptions extends FamilyOptions {
  readonly ledger: LedgerView
  readonly diagnoses: DiagnosesView
  /** `maxSeries` bounds the per-identity series of all families together. */
  readonly limits: { readonly maxSeries: number }
  readonly onCollectorError?: OnCollectorError
  /** Given where traces are sent. */
  readonly exemplars?: Exemplars
}

/** The answer to one scrape. */
export interface Scrape {
  /** The text, compressed with gzip. */
  readonly body: Buffer
  readonly contentType: string
}

export interface Metrics {
  /** Returns the exposition, compressed, in the format of a request's Accept header. */
  scrape(accept: string | undefined): Promise<Scrape>
}

/** Creates the exposition of a ledger. Scrapes in the same format share an answer that is being made. */
export function createMetrics(options: MetricsOptions): Metrics {
  const { ledger, diagnoses, clock, limits, processReadings, onCollectorError = () => undefined } = options
  const withSnapshot = createSnapshots({ ledger, diagnoses, clock, maxSeries: limits.maxSeries })
  const render = createRenderer(createFamilies(options), onCollectorError, options.exemplars)
  const inProgress = new Map<Format, Promise<Scrape>>()

  const answer = async (format: Format): Promise<Scrape> => {
    await processReadings?.refresh()
    // All collectors run in one turn of the event loop, so that their values agree.
    const body = await withSnapshot((snapshot) => compress(render(format, snapshot), clock))
    return { body, contentType: contentTypes[format] }
  }

  return {
    async scrape(accept) {
      const format = negotiateFormat(accept)
      const shared = inProgress.get(format) ?? answer(format).finally(() => inProgress.delete(format))
      inProgress.set(format, shared)
      return shared
    },
  }
}
