import type { AuthorityView, TrustView } from '../ledger/trust/view.ts'
import { maxAuthorities, maxTrustDomains } from './catalogue/trust.ts'

/** An authority that has series, and its trust domain. */
export interface NamedAuthority {
  readonly trustDomain: string
  readonly authority: AuthorityView
}

/** The authorities that have series, and how many have none. */
export interface AuthoritySeries {
  readonly named: readonly NamedAuthority[]
  readonly withoutPlace: number
}

/** Chooses the authorities that have series: the trust domains with the most SVIDs come first, and of each what is used most. */
export function authoritySeries({ domains }: TrustView): AuthoritySeries {
  const svids = new Map(domains.map((domain) => [domain, sum(domain.authorities.map((one) => one.svids))]))
  const all = sum(domains.map(({ authorities }) => authorities.length))
  const named = domains
    .toSorted((one, other) => (svids.get(other) ?? 0) - (svids.get(one) ?? 0))
    .slice(0, maxTrustDomains)
    .flatMap(({ trustDomain, authorities }) =>
      authorities.slice(0, maxAuthorities).map((authority) => ({ trustDomain, authority })),
    )
  return { named, withoutPlace: all - named.length }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
