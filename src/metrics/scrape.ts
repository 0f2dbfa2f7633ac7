import { Readable } from 'node:stream'
import { Breather } from '../breather.ts'
import type { Clock } from '../clock.ts'
import type { DiagnosesView } from '../diagnosis/diagnosis.ts'
import type { LedgerView } from '../ledger/view.ts'
import { compress } from './compress.ts'
import type { Format } from './exposition.ts'
import { createFamilies, type FamilyOptions } from './families.ts'
import { acceptsGzip, contentTypes, negotiateFormat } from './negotiate.ts'
import { createRenderer, type OnCollectorError } from './renderer.ts'
import { createSnapshots, type Snapshot } from './snapshot.ts'

export type { BuildInfo } from './collectors/self.ts'

export interface MetricsOptions extends FamilyOptions {
  readonly ledger: LedgerView
  readonly diagnoses: DiagnosesView
  /** `maxSeries` bounds the per-identity series of all families together. */
  readonly limits: { readonly maxSeries: number }
  readonly onCollectorError?: OnCollectorError
}

/** The answer to one scrape. A stream is rendered while it is read, from values as of one moment before it began. */
export interface Scrape {
  readonly body: Buffer | Readable
  readonly contentType: string
  readonly contentEncoding?: 'gzip'
}

export interface Metrics {
  /** Returns the exposition in the format and encoding of a request's Accept and Accept-Encoding headers. */
  scrape(accept: string | undefined, acceptEncoding: string | undefined): Promise<Scrape>
}

/** Creates the exposition of a ledger. Scrapes in the same format share an answer that is being compressed. */
export function createMetrics(options: MetricsOptions): Metrics {
  const { ledger, diagnoses, clock, limits, processReadings, onCollectorError = () => undefined } = options
  const snapshotOfLedger = createSnapshots({ ledger, diagnoses, clock, maxSeries: limits.maxSeries })
  const render = createRenderer(createFamilies(options), onCollectorError)
  const compressing = new Map<Format, Promise<Scrape>>()

  /** Gathers the input of all collectors. They then run in one turn of the event loop, so that their values agree. */
  const takeSnapshot = async (): Promise<Snapshot> => {
    await processReadings?.refresh()
    return snapshotOfLedger()
  }
  const compressedAnswer = async (format: Format): Promise<Scrape> => ({
    body: await compress(render(format, await takeSnapshot())),
    contentType: contentTypes[format],
    contentEncoding: 'gzip',
  })
  const plainAnswer = async (format: Format): Promise<Scrape> => ({
    body: encoded(render(format, await takeSnapshot()), clock),
    contentType: contentTypes[format],
  })

  return {
    async scrape(accept, acceptEncoding) {
      const format = negotiateFormat(accept)
      if (!acceptsGzip(acceptEncoding)) return plainAnswer(format)
      const shared = compressing.get(format) ?? compressedAnswer(format).finally(() => compressing.delete(format))
      compressing.set(format, shared)
      return shared
    },
  }
}

/** Encodes the text as it is read, with pauses: a fast reader would otherwise block the event loop until the end. */
function encoded(pieces: Iterable<string>, clock: Clock): Readable {
  const rest = pieces[Symbol.iterator]()
  const breather = new Breather(clock)
  return new Readable({
    read() {
      const give = () => {
        const piece = rest.next()
        this.push(piece.done === true ? null : Buffer.from(piece.value))
      }
      const pause = breather.breathe()
      if (pause) void pause.then(give)
      else give()
    },
  })
}
