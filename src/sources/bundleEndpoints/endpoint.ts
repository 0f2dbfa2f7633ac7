import type { Clock } from '../../clock.ts'
import { messageOf } from '../../errors.ts'
import type { FileCalls } from '../../files/fileCalls.ts'
import { bundleFromJson } from '../../identity/bundleDocument.ts'
import { pemOfDer, type X509Authority } from '../../identity/x509Authority.ts'
import type { RememberedBundle } from '../../ledger/bundles/remembered.ts'
import type { Observation } from '../../ledger/observations.ts'
import { printable } from '../../text/printable.ts'
import { readBootstrap } from './bootstrapFile.ts'
import { servingTrustDomain, type ConfiguredEndpoint } from './configured.ts'
import { download } from './download.ts'
import { BundleFailure } from './failure.ts'
import type { FetchedBundle, FetchedBundles } from './fetchedBundles.ts'
import type { TlsRules } from './secureSocket.ts'
import { SpiffeTrustKeeper, type SpiffeTrust } from './spiffeTrust.ts'
import { svidCheck } from './svidCheck.ts'

export interface EndpointOptions {
  readonly clock: Clock
  readonly files: FileCalls
  readonly endpoint: ConfiguredEndpoint
  readonly endpoints: readonly ConfiguredEndpoint[]
  readonly fetched: FetchedBundles
  readonly remembered: (trustDomain: string) => RememberedBundle | undefined
}

/** The observation that one attempt results in. */
type Outcome = Extract<Observation, { kind: 'bundle' | 'bundleTrouble' }>

/** The TLS rules of one attempt, and the fingerprint of the configured bundle behind them, if any. */
interface Trust {
  readonly rules: TlsRules
  readonly bootstrap?: string
}

/** Fetches the bundle of one endpoint, and keeps the newest valid one. */
export class Endpoint {
  readonly #options: EndpointOptions
  readonly #trust: () => Promise<Trust>

  constructor(options: EndpointOptions) {
    this.#options = options
    const { files, endpoint, endpoints, fetched, remembered } = options
    const trustDomain = servingTrustDomain(endpoint)
    if (endpoint.profile === 'https_web') {
      this.#trust = () => webTrust(files, endpoint.certificateAuthorities)
      return
    }
    if (trustDomain === undefined) throw new Error(`${endpoint.trustDomain}: https_spiffe needs endpointSpiffeId`)
    const keeper = new SpiffeTrustKeeper({ files, endpoint, trustDomain, endpoints, fetched, remembered })
    const check = svidCheck(endpoint.endpointSpiffeId ?? '')
    this.#trust = async () => rulesFor(await keeper.current(), check)
  }

  get configured(): ConfiguredEndpoint {
    return this.#options.endpoint
  }

  /** The refresh hint of the last valid bundle; undefined if there is no bundle or the bundle has no hint. */
  get refreshHintMs(): number | undefined {
    return this.#options.fetched.get(this.#options.endpoint.trustDomain)?.bundle.refreshHintMs
  }

  /** Fetches the bundle once. Never rejects, and takes little more than 20 s at most, half of them for a file. */
  async attempt(signal: AbortSignal): Promise<Outcome> {
    const { trustDomain } = this.#options.endpoint
    try {
      return { kind: 'bundle', trustDomain, ...(await this.#fetch(signal)) }
    } catch (error) {
      const reason = error instanceof BundleFailure ? error.code : 'internal'
      return { kind: 'bundleTrouble', trustDomain, reason, detail: messageOf(error) }
    }
  }

  async #fetch(signal: AbortSignal): Promise<FetchedBundle> {
    const { clock, endpoint, fetched } = this.#options
    const { rules, bootstrap } = await this.#trust()
    const read = bundleFromJson(await download(endpoint, rules, clock, signal))
    if ('problem' in read) throw new BundleFailure(read.problem, printable(read.detail))

    const { sequence } = read.bundle
    const last = this.#lastSequence(bootstrap)
    if (sequence !== undefined && last !== undefined && sequence < last) {
      throw new BundleFailure(
        'sequence_regressed',
        `the bundle has spiffe_sequence ${sequence}, an earlier bundle had ${last}`,
      )
    }
    const bundle = { bundle: read.bundle, ...(bootstrap !== undefined && { bootstrap }) }
    fetched.set(endpoint.trustDomain, bundle)
    return bundle
  }

  /**
   * Returns the sequence of the last valid bundle; a bundle with a smaller one is older (SPIFFE Federation section 4.2). A bundle
   * of an earlier process counts only if its trust goes back to the same configured bundle, thus never for https_web.
   */
  #lastSequence(bootstrap: string | undefined): bigint | undefined {
    const { endpoint, fetched, remembered } = this.#options
    const last = fetched.get(endpoint.trustDomain)
    if (last !== undefined) return last.bundle.sequence
    const earlier = remembered(endpoint.trustDomain)
    if (bootstrap === undefined || earlier?.sequence === undefined || earlier.bootstrap !== bootstrap) return undefined
    return BigInt(earlier.sequence)
  }
}

async function webTrust(files: FileCalls, file: string | undefined): Promise<Trust> {
  if (file === undefined) return { rules: {} }
  const read = await readBootstrap(files, file)
  if ('detail' in read) throw new BundleFailure('no_authorities', read.detail)
  return { rules: { ca: pemsOf(read.authorities) } }
}

function rulesFor(
  { authorities, bootstrap }: SpiffeTrust,
  checkServerIdentity: TlsRules['checkServerIdentity'],
): Trust {
  if (authorities.length === 0) {
    throw new BundleFailure('tls_untrusted', 'the newest bundle of its trust domain has no X.509 authority')
  }
  return {
    rules: {
      ca: pemsOf(authorities),
      allowPartialTrustChain: true,
      ...(checkServerIdentity && { checkServerIdentity }),
    },
    ...(bootstrap !== undefined && { bootstrap }),
  }
}

function pemsOf(authorities: readonly X509Authority[]): readonly string[] {
  return authorities.map(({ der }) => pemOfDer(der))
}
