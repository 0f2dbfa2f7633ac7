import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sh, until } from '../../cluster/support/shell.ts'

/** The command that runs the SPIRE of a.test and of b.test, which CONTRIBUTING.md describes; '' if there is none. */
export const command = process.env['SVIDWATCH_TEST_SPIRE'] ?? ''

/** How a bundle endpoint authenticates itself. */
export type Profile = 'https_web' | 'https_spiffe'

/** An X.509-SVID as the agent gives it to a workload, and the bundles that come with it, in PEM. */
export interface GivenSvid {
  /** The SVID and its chain. */
  readonly certificate: string
  readonly key: string
  /** The authorities of the other trust domain, as SPIRE has fetched them. */
  readonly federatedBundle: string
}

interface Authorities {
  readonly prepared?: { readonly authority_id: string }
  readonly old?: { readonly authority_id: string }
}

export interface SpireOptions {
  readonly profile: Profile
  /** A file with the certificates of the Web PKI that the server trusts. */
  readonly webAuthorities?: string
}

/** A real SPIRE with one trust domain: its server with a bundle endpoint, and an agent that gives SVIDs to this user. */
export class Spire implements AsyncDisposable {
  readonly #name: string
  readonly #settings: ReadonlyMap<string, string>
  readonly profile: Profile

  private constructor(name: string, settings: ReadonlyMap<string, string>, profile: Profile) {
    this.#name = name
    this.#settings = settings
    this.profile = profile
  }

  /** Starts the SPIRE of `a.test` or `b.test`. A bundle is to be fetched every 10 s. */
  static async start(name: 'a' | 'b', { profile, webAuthorities }: SpireOptions): Promise<Spire> {
    const environment = [
      `SPIRE_PROFILE=${profile}`,
      'SPIRE_REFRESH_HINT=10s',
      ...(webAuthorities === undefined ? [] : [`SSL_CERT_FILE=${webAuthorities}`]),
    ]
    const said = await sh('env', ...environment, command, 'up', name)
    const pairs = said.matchAll(/\b(\w+)=(\S+)/g).map(([, variable = '', value = '']) => [variable, value] as const)
    return new Spire(name, new Map(pairs), profile)
  }

  get trustDomain(): string {
    return `${this.#name}.test`
  }

  get endpoint(): URL {
    return new URL(this.#setting('SPIRE_BUNDLE_ENDPOINT'))
  }

  get endpointSpiffeId(): string {
    return `spiffe://${this.trustDomain}/spire/server`
  }

  /** The file with the certificate of an endpoint with the profile https_web, which has signed itself. */
  get webCertificate(): string {
    return join(this.#setting('SPIRE_LOGS'), 'web.crt')
  }

  /** Returns the bundle of the trust domain, as a SPIFFE bundle document. */
  bundle(): Promise<string> {
    return sh(command, 'server', this.#name, 'bundle', 'show', '-format', 'spiffe')
  }

  /** Lets the server fetch the bundle of another trust domain. `bundleFile` has its first bundle. */
  async federateWith(other: Spire, bundleFile: string): Promise<void> {
    const options = {
      trustDomain: other.trustDomain,
      bundleEndpointURL: other.endpoint.href,
      bundleEndpointProfile: other.profile,
      ...(other.profile === 'https_spiffe' && { endpointSpiffeID: other.endpointSpiffeId }),
      trustDomainBundlePath: bundleFile,
      trustDomainBundleFormat: 'spiffe',
    }
    await sh(command, 'server', this.#name, 'federation', 'create', ...flags(options))
  }

  /** Lets the agent give this user an SVID, with the bundle of another trust domain. */
  async addWorkload(path: string, other: Spire): Promise<void> {
    const spiffeId = `spiffe://${this.trustDomain}${path}`
    await sh(command, 'entry', this.#name, spiffeId, '-federatesWith', `spiffe://${other.trustDomain}`)
  }

  /** Asks the agent for the SVID. `folder` is used for the files. */
  async givenSvid(folder: string): Promise<GivenSvid> {
    const socket = this.#setting('SPIFFE_ENDPOINT_SOCKET').replace(/^unix:(\/\/)?/, '')
    await until(`an SVID of ${this.trustDomain}`, 60, () =>
      sh('spire-agent', 'api', 'fetch', 'x509', '-socketPath', socket, '-write', folder).catch(() => undefined),
    )
    const [certificate = '', key = '', federatedBundle = ''] = await Promise.all(
      ['svid.0.pem', 'svid.0.key', 'federated_bundle.0.0.pem'].map((name) => readFile(join(folder, name), 'utf8')),
    )
    return { certificate, key, federatedBundle }
  }

  /** Creates the next CA, and adds it to the bundle. */
  async prepare(): Promise<void> {
    await this.#authority('prepare')
  }

  /** Signs with the prepared CA from now on. */
  async activate(): Promise<void> {
    const { prepared } = await this.#authorities()
    await this.#authority('activate', prepared?.authority_id)
  }

  /** Lets the agent, and the server itself, renew everything that the former CA has signed. */
  async taint(): Promise<void> {
    const { old } = await this.#authorities()
    await this.#authority('taint', old?.authority_id)
  }

  /** Takes the former CA out of the bundle. */
  async revoke(): Promise<void> {
    const { old } = await this.#authorities()
    await this.#authority('revoke', old?.authority_id)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await sh(command, 'down', this.#name)
  }

  async #authorities(): Promise<Authorities> {
    return JSON.parse(await this.#authority('show')) as Authorities
  }

  #authority(verb: string, authorityID?: string): Promise<string> {
    const options = {
      socketPath: this.#setting('SPIRE_SERVER_SOCKET'),
      output: 'json',
      ...(authorityID && { authorityID }),
    }
    return sh('spire-server', 'localauthority', 'x509', verb, ...flags(options))
  }

  #setting(name: string): string {
    const value = this.#settings.get(name)
    if (value === undefined) throw new Error(`${command} up ${this.#name} does not print ${name}`)
    return value
  }
}

const flags = (options: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(options).flatMap(([name, value]) => [`-${name}`, value])
