import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import type { LedgerView } from '../ledger/view.ts'
import type { Format } from './exposition.ts'
import { createFamilies, type FamilyOptions } from './families.ts'
import { acceptsGzip, contentTypes, negotiateFormat } from './negotiate.ts'
import { createRenderer, type OnCollectorError } from './renderer.ts'
import { createSnapshots } from './snapshot.ts'

export type { BuildInfo } from './collectors/self.ts'

export interface MetricsOptions extends FamilyOptions {
  readonly ledger: LedgerView
  /** `maxSeries` bounds the per-identity series of all families together. */
  readonly limits: { readonly maxSeries: number }
  readonly onCollectorError?: OnCollectorError
}

/** The answer to one scrape. */
export interface Scrape {
  readonly body: Buffer
  readonly contentType: string
  readonly contentEncoding?: 'gzip'
}

export interface Metrics {
  /** The exposition as a request's Accept and Accept-Encoding headers want it. */
  scrape(accept: string | undefined, acceptEncoding: string | undefined): Promise<Scrape>
}

const compress = promisify(gzip)

/** Level 1 takes a third of the time of level 6 and makes label-heavy text less than a tenth larger. */
const compression = { level: constants.Z_BEST_SPEED }

/**
 * Makes the exposition of a ledger. Scrapes that come while the same answer is compressed share it; one that is not
 * compressed is made at once, so there is nothing to share.
 */
export function createMetrics(options: MetricsOptions): Metrics {
  const { ledger, clock, limits, onCollectorError = () => undefined } = options
  const takeSnapshot = createSnapshots(ledger, clock, limits.maxSeries)
  const render = createRenderer(createFamilies(options), onCollectorError)
  const zipping = new Map<Format, Promise<Scrape>>()

  const answer = (format: Format): Scrape => ({
    body: render(format, takeSnapshot()),
    contentType: contentTypes[format],
  })
  const zippedAnswer = async (format: Format): Promise<Scrape> => {
    const { body, contentType } = answer(format)
    return { body: await compress(body, compression), contentType, contentEncoding: 'gzip' }
  }

  return {
    async scrape(accept, acceptEncoding) {
      const format = negotiateFormat(accept)
      if (!acceptsGzip(acceptEncoding)) return answer(format)
      const shared = zipping.get(format) ?? zippedAnswer(format).finally(() => zipping.delete(format))
      zipping.set(format, shared)
      return shared
    },
  }
}
