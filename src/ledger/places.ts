/** What has a limited number of places, and what is left out where something has none. Codes are contracts: they are label values. */
export const placeKinds = {
  issuer: 'issuers whose CA expiry and time of the last SVID are left out',
  issuer_totals: 'issuers whose requests are counted without the label issuer',
  request_issuer: 'issuers that existing requests name and that are counted together, without the label issuer',
  authority: 'authorities of trust domains that have no series',
  volume: 'volumes on the node of this process that are not watched',
  trust_domain: 'combinations of trust domain, namespace and copy that are counted without the label trust_domain',
} as const

export type PlaceKind = keyof typeof placeKinds

/** How many things of a kind have no place at present. Where nobody can say how many, no more are counted than have one. */
export interface WithoutPlaceCount {
  readonly kind: PlaceKind
  readonly count: number
}
