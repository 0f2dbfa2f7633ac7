import { randomUUID } from 'node:crypto'
import { spiffeDriver } from '../../src/config/spiffeDriver.ts'
import type { CertificateRequest } from '../../src/world/certificateRequest.ts'
import { issuerGroup, type Identities, type Identity } from './askers.ts'
import { fateOf, type Asker, type Fate } from './fates.ts'

/** A request that is to be made, and what is to become of it. */
export interface Drawn {
  readonly fate: Fate
  readonly identity: Identity
  readonly request: CertificateRequest
}

/** Draws by chance who asks next, and with which fate. */
export class Population {
  readonly #identities: Identities
  readonly #annotated: boolean
  readonly #random: () => number

  /** `annotated`: requests carry csi-driver-spiffe's annotation. */
  constructor(identities: Identities, annotated: boolean, random: () => number) {
    this.#identities = identities
    this.#annotated = annotated
    this.#random = random
  }

  /** Those whose issuers are known. */
  get known(): readonly Identity[] {
    return this.#identities.known
  }

  draw(): Drawn {
    const fate = this.#fate()
    const identity = this.#identityOf(fate.asker)
    return { fate, identity, request: this.requestOf(identity, fate.end === 'issued' && fate.lies) }
  }

  /** `lies`: the annotation names another identity. */
  requestOf({ namespace, spiffeId, issuer, signingRequest }: Identity, lies: boolean): CertificateRequest {
    const annotations = { [`${spiffeDriver.name}/identity`]: lies ? `${spiffeId}-of-another` : spiffeId }
    return {
      apiVersion: 'cert-manager.io/v1',
      kind: 'CertificateRequest',
      metadata: { name: randomUUID(), namespace, ...(this.#annotated && { annotations }) },
      spec: {
        duration: '24h0m0s',
        issuerRef: { group: issuerGroup, kind: 'ClusterIssuer', name: issuer },
        request: Buffer.from(signingRequest).toString('base64'),
        usages: ['digital signature', 'key encipherment', 'server auth', 'client auth'],
      },
    }
  }

  /** Nobody lies where there is no annotation to lie in. */
  #fate(): Fate {
    const fate = fateOf(this.#random())
    return fate.end === 'issued' && !this.#annotated ? { ...fate, lies: false } : fate
  }

  #identityOf(asker: Asker): Identity {
    const all = this.#identities[asker]
    const drawn = all[Math.floor(this.#random() * all.length)]
    if (drawn === undefined) throw new Error(`there is nobody to ask as ${asker}`)
    return drawn
  }
}
