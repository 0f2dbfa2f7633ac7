import { noDurations, observe, type Histogram, type IssuerTotals, type Totals } from './totals.ts'
import { deliveryNames, type DeliveryName, type Total } from './view.ts'

type Histograms = Readonly<Record<DeliveryName, Histogram>>

/**
 * Deliveries counts how long SVIDs take to reach their pods. It has as many issuers as the totals have, and forgets an issuer with its
 * totals. It does not survive a restart.
 */
export class Deliveries {
  readonly #totals: Totals
  readonly #histograms = new WeakMap<IssuerTotals, Histograms>()

  constructor(totals: Totals) {
    this.#totals = totals
  }

  /** An SVID that counts to `totals` took this long. */
  took(totals: IssuerTotals, name: DeliveryName, seconds: number): void {
    const histograms = this.#histograms.get(totals) ?? nothingDelivered()
    this.#histograms.set(totals, histograms)
    observe(histograms[name], seconds)
  }

  /** Returns a histogram for each issuer that has totals. */
  *all(name: DeliveryName): Iterable<Total> {
    for (const totals of this.#totals.all()) {
      const labels = [totals.trustDomain, totals.issuer]
      yield { labels, ...(this.#histograms.get(totals)?.[name] ?? noDurations()) }
    }
  }
}

export const isDelivery = (name: string): name is DeliveryName => deliveryNames.some((one) => one === name)

const nothingDelivered = (): Histograms =>
  Object.fromEntries(deliveryNames.map((name) => [name, noDurations()])) as Record<DeliveryName, Histogram>
