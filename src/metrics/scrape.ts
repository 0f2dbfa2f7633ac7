import { Readable } from 'node:stream'
import { Breather } from '../breather.ts'
import type { Clock } from '../clock.ts'
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
  /** `maxSeries` bounds the per-identity series of all families together. */
  readonly limits: { readonly maxSeries: number }
  readonly onCollectorError?: OnCollectorError
}

/** The answer to one scrape. A body that is a stream is made while it is read; it tells of one moment, before it began. */
export interface Scrape {
  readonly body: Buffer | Readable
  readonly contentType: string
  readonly contentEncoding?: 'gzip'
}

export interface Metrics {
  /** The exposition as a request's Accept and Accept-Encoding headers want it. */
  scrape(accept: string | undefined, acceptEncoding: string | undefined): Promise<Scrape>
}

/** Makes the exposition of a ledger. Scrapes that come while the same answer is compressed share it. */
export function createMetrics(options: MetricsOptions): Metrics {
  const { ledger, clock, limits, processReadings, onCollectorError = () => undefined } = options
  const snapshotOfLedger = createSnapshots(ledger, clock, limits.maxSeries)
  const render = createRenderer(createFamilies(options), onCollectorError)
  const zipping = new Map<Format, Promise<Scrape>>()

  /** Gathers what the families are made of. They are then written in one turn of the event loop, so that they agree. */
  const takeSnapshot = async (): Promise<Snapshot> => {
    await processReadings?.refresh()
    return snapshotOfLedger()
  }
  const zippedAnswer = async (format: Format): Promise<Scrape> => ({
    body: await compress(render(format, await takeSnapshot())),
    contentType: contentTypes[format],
    contentEncoding: 'gzip',
  })
  const plainAnswer = async (format: Format): Promise<Scrape> => ({
    body: Readable.from(encoded(render(format, await takeSnapshot()), clock)),
    contentType: contentTypes[format],
  })

  return {
    async scrape(accept, acceptEncoding) {
      const format = negotiateFormat(accept)
      if (!acceptsGzip(acceptEncoding)) return plainAnswer(format)
      const shared = zipping.get(format) ?? zippedAnswer(format).finally(() => zipping.delete(format))
      zipping.set(format, shared)
      return shared
    },
  }
}

/** The text as bytes, made as it is read. A fast reader would have all of it made at a stretch. */
async function* encoded(pieces: Iterable<string>, clock: Clock): AsyncIterable<Buffer> {
  const breather = new Breather(clock)
  for (const piece of pieces) {
    yield Buffer.from(piece)
    await breather.breathe()
  }
}
