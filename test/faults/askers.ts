import { createCertificateAuthority } from '../../src/world/certificateAuthority.ts'
import { createSigningRequest } from '../../src/world/signingRequest.ts'
import type { Labels } from './counts.ts'
import type { Asker } from './fates.ts'

/** Whoever asks for SVIDs with one SPIFFE ID from one issuer. */
export interface Identity {
  readonly namespace: string
  readonly spiffeId: string
  readonly issuer: string
  /** PEM. */
  readonly signingRequest: string
  readonly certificate: string
  readonly authority: string
  /** What its requests are counted under. */
  readonly labels: Labels
}

export type Identities = Readonly<Record<Asker, readonly Identity[]>>

/** Its issuers are nobody's that runs in a cluster, so that nobody else answers. */
export const issuerGroup = 'test.svidwatch.io'

export const namespaces = ['svidwatch-exactness-1', 'svidwatch-exactness-2', 'svidwatch-exactness-3'] as const
export const trustDomains = ['one.test', 'two.test', 'three.test'] as const
const issuers = ['ca-1', 'ca-2'] as const

const dayMs = 86_400_000

/** Everybody who asks, with a certificate each: to make them anew for each request would take longer than the rest. */
export async function createIdentities(nowMs: number): Promise<Identities> {
  const authority = await createCertificateAuthority('exactness', nowMs)
  const make = async (trustDomain: string, issuer: string, namespace: string, labels: Labels): Promise<Identity> => {
    const spiffeId = `spiffe://${trustDomain}/ns/${namespace}/sa/web`
    const signingRequest = await createSigningRequest(spiffeId)
    const certificate = await authority.sign(signingRequest, { notBeforeMs: nowMs, lifetimeMs: dayMs })
    return { namespace, spiffeId, issuer, signingRequest, certificate, authority: authority.certificatePem, labels }
  }
  const inEach = (of: (namespace: string) => Promise<Identity>) => Promise.all(namespaces.map(of))
  const known = trustDomains.flatMap((trust_domain) =>
    issuers.map((name) =>
      inEach((namespace) => make(trust_domain, name, namespace, { trust_domain, issuer: labelOf(name) })),
    ),
  )
  const [trustDomain] = trustDomains
  return {
    known: (await Promise.all(known)).flat(),
    'foreign trust domain': await inEach((namespace) =>
      make('foreign.test', 'ca-1', namespace, { trust_domain: '', issuer: labelOf('ca-1') }),
    ),
    'unknown issuer': await inEach((namespace) =>
      make(trustDomain, 'nobody', namespace, { trust_domain: trustDomain, issuer: '' }),
    ),
  }
}

const labelOf = (name: string): string => `ClusterIssuer.${issuerGroup}/${name}`
