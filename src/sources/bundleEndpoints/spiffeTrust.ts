import { authorityFromDer, type X509Authority } from '../../identity/x509Authority.ts'
import type { RememberedBundle } from '../../ledger/bundles/remembered.ts'
import { readBootstrap, type Bootstrap } from './bootstrapFile.ts'
import { chainOf, servingTrustDomain, type ConfiguredEndpoint } from './configured.ts'
import { BundleFailure } from './failure.ts'
import type { FetchedBundle, FetchedBundles } from './fetchedBundles.ts'

/** Who may have signed the certificate of an https_spiffe endpoint. */
export interface SpiffeTrust {
  readonly authorities: readonly X509Authority[]
  /** The fingerprint of the configured bundle that this goes back to; undefined where it goes back to the Web PKI. */
  readonly bootstrap?: string
}

export interface SpiffeTrustOptions {
  readonly endpoint: ConfiguredEndpoint
  /** The trust domain of its SPIFFE ID. */
  readonly trustDomain: string
  readonly endpoints: readonly ConfiguredEndpoint[]
  readonly fetched: FetchedBundles
  readonly remembered: (trustDomain: string) => RememberedBundle | undefined
}

/**
 * The trust in one https_spiffe endpoint: the newest bundle of the trust domain of its SPIFFE ID that this process has fetched,
 * else the one that an earlier process has, else the configured one (SPIFFE Federation section 5.2.2.4). A configured bundle that
 * is replaced is the latest until the next one is fetched (section 4.2): what was learned from the one before is void.
 */
export class SpiffeTrustKeeper {
  readonly #options: SpiffeTrustOptions
  /** The entry whose configured bundle it all goes back to. */
  readonly #root: ConfiguredEndpoint | undefined
  #fingerprint: string | undefined
  #void: FetchedBundle | undefined

  constructor(options: SpiffeTrustOptions) {
    this.#options = options
    this.#root = chainOf(options.endpoint, options.endpoints).at(-1)
  }

  /** Throws BundleFailure where there is nothing to begin with. */
  async current(): Promise<SpiffeTrust> {
    const { trustDomain, fetched } = this.#options
    const path = this.#root?.bootstrapBundle
    const file = path === undefined ? undefined : await readBootstrap(path)
    if (file !== undefined && 'fingerprint' in file) this.#compare(file.fingerprint)

    const newest = fetched.get(trustDomain)
    if (newest !== undefined && newest !== this.#void) return trustIn(newest)
    const remembered = this.#remembered(file)
    if (remembered !== undefined) return remembered
    if (file === undefined || !this.#isOfRoot(trustDomain)) throw nothingYet(trustDomain)
    if ('detail' in file) throw new BundleFailure('no_bootstrap', file.detail)
    return { authorities: file.authorities, bootstrap: file.fingerprint }
  }

  /** The configured bundle is that of this trust domain, and not of one further down the chain. */
  #isOfRoot(trustDomain: string): boolean {
    return this.#root !== undefined && servingTrustDomain(this.#root) === trustDomain
  }

  /** Makes void what was learned from another configured bundle. */
  #compare(fingerprint: string): void {
    const { endpoint, trustDomain, fetched } = this.#options
    if (this.#fingerprint !== undefined && this.#fingerprint !== fingerprint) {
      fetched.delete(endpoint.trustDomain)
      this.#void = fetched.get(trustDomain)
    }
    this.#fingerprint = fingerprint
  }

  #remembered(file: Bootstrap | { readonly detail: string } | undefined): SpiffeTrust | undefined {
    const { trustDomain, remembered } = this.#options
    const bundle = remembered(trustDomain)
    if (file === undefined || 'detail' in file || bundle?.bootstrap !== file.fingerprint) return undefined
    const read = bundle.authorities.map((der) => authorityFromDer(der))
    const authorities = read.flatMap((one) => ('authority' in one ? [one.authority] : []))
    return authorities.length === read.length ? { authorities, bootstrap: bundle.bootstrap } : undefined
  }
}

function trustIn({ bundle, bootstrap }: FetchedBundle): SpiffeTrust {
  return { authorities: bundle.x509Authorities, ...(bootstrap !== undefined && { bootstrap }) }
}

function nothingYet(trustDomain: string): BundleFailure {
  return new BundleFailure(
    'no_bootstrap',
    `no bundle of ${trustDomain} is known yet: configure bootstrapBundle, or an entry for ${trustDomain} that can be fetched`,
  )
}
