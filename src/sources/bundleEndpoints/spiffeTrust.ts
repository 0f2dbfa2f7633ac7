import type { FileCalls } from '../../files/fileCalls.ts'
import { authorityFromDer, type X509Authority } from '../../identity/x509Authority.ts'
import type { RememberedBundle } from '../../ledger/bundles/remembered.ts'
import { readBootstrap, type Bootstrap } from './bootstrapFile.ts'
import { chainOf, servingTrustDomain, type ConfiguredEndpoint } from './configured.ts'
import { BundleFailure } from './failure.ts'
import type { FetchedBundle, FetchedBundles } from './fetchedBundles.ts'

/** The authorities that may sign the certificate of an https_spiffe endpoint. */
export interface SpiffeTrust {
  readonly authorities: readonly X509Authority[]
  /** The fingerprint of the configured bundle that the trust goes back to; undefined if it goes back to the Web PKI. */
  readonly bootstrap?: string
}

export interface SpiffeTrustOptions {
  readonly files: FileCalls
  readonly endpoint: ConfiguredEndpoint
  /** The trust domain of the endpoint's SPIFFE ID. */
  readonly trustDomain: string
  readonly endpoints: readonly ConfiguredEndpoint[]
  readonly fetched: FetchedBundles
  readonly remembered: (trustDomain: string) => RememberedBundle | undefined
}

/**
 * Decides which bundle verifies one https_spiffe endpoint: the newest bundle of the trust domain of its SPIFFE ID that this
 * process fetched, else the one that an earlier process fetched, else the configured one (SPIFFE Federation section 5.2.2.4).
 * A new configured bundle is the latest one until the next is fetched (section 4.2), so bundles fetched under the old one are void.
 */
export class SpiffeTrustKeeper {
  readonly #options: SpiffeTrustOptions
  /** The entry whose configured bundle the trust goes back to. */
  readonly #root: ConfiguredEndpoint | undefined
  #fingerprint: string | undefined
  #voidBundle: FetchedBundle | undefined

  constructor(options: SpiffeTrustOptions) {
    this.#options = options
    this.#root = chainOf(options.endpoint, options.endpoints).at(-1)
  }

  /** Returns the current trust. Throws BundleFailure if no bundle is known. */
  async current(): Promise<SpiffeTrust> {
    const { files, trustDomain, fetched } = this.#options
    const path = this.#root?.bootstrapBundle
    const file = path === undefined ? undefined : await readBootstrap(files, path)
    if (file !== undefined && 'fingerprint' in file) this.#voidIfReplaced(file.fingerprint)

    const newest = fetched.get(trustDomain)
    if (newest !== undefined && newest !== this.#voidBundle) return trustIn(newest)
    const remembered = this.#remembered(file)
    if (remembered !== undefined) return remembered
    if (file === undefined || !this.#isOfRoot(trustDomain)) throw noBundle(trustDomain)
    if ('detail' in file) throw new BundleFailure('no_bootstrap', file.detail)
    return { authorities: file.authorities, bootstrap: file.fingerprint }
  }

  /** Reports whether the configured bundle is that of `trustDomain`, rather than of another trust domain in the chain. */
  #isOfRoot(trustDomain: string): boolean {
    return this.#root !== undefined && servingTrustDomain(this.#root) === trustDomain
  }

  /** Voids the bundles that were fetched under another configured bundle. */
  #voidIfReplaced(fingerprint: string): void {
    const { endpoint, trustDomain, fetched } = this.#options
    if (this.#fingerprint !== undefined && this.#fingerprint !== fingerprint) {
      fetched.delete(endpoint.trustDomain)
      this.#voidBundle = fetched.get(trustDomain)
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

function noBundle(trustDomain: string): BundleFailure {
  return new BundleFailure(
    'no_bootstrap',
    `no bundle of ${trustDomain} is known yet: configure bootstrapBundle, or a bundle endpoint for ${trustDomain}`,
  )
}
