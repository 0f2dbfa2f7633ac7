import { generateKeyPairSync } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { bundleDocument, createServerCertificate, startBundleEndpoint, type BundleEndpoint } from './bundleEndpoint.ts'
import { createCertificateAuthority } from './certificateAuthority.ts'

/** The trust domains outside the cluster: one whose bundle can be fetched, and one that is stuck. */
export const partners = { working: 'partner.example', stuck: 'supplier.example' } as const

/** The bundle endpoints of the partners. */
export interface Federation {
  /** The entries of svidwatch's setting `bundleEndpoints`. */
  readonly settings: readonly Readonly<Record<string, string>>[]
  close(): Promise<void>
}

interface FederationOptions {
  readonly clock: Clock
  /** A folder for the files that the settings name; it must not exist yet. */
  readonly folder: string
}

const refreshHintSeconds = 30
/** The interval at which the working partner adds an authority. */
const rotateMs = 60_000

/** Starts the bundle endpoints of both partners and writes the files that the settings name. */
export async function startFederation({ clock, folder }: FederationOptions): Promise<Federation> {
  await mkdir(folder)
  const ended = new AbortController()
  const working = await startWorking(clock, join(folder, 'web-ca.pem'), ended.signal)
  const stuck = await startStuck(clock, join(folder, 'supplier-bundle.json'))
  return {
    settings: [working.settings, stuck.settings],
    close: async () => {
      ended.abort()
      await Promise.all([working.endpoint.close(), stuck.endpoint.close()])
    },
  }
}

interface Partner {
  readonly endpoint: BundleEndpoint
  readonly settings: Readonly<Record<string, string>>
}

/** Starts an https_web endpoint. Each minute its sequence rises, and a new authority joins the previous one. */
async function startWorking(clock: Clock, authoritiesFile: string, signal: AbortSignal): Promise<Partner> {
  const newAuthority = async () => (await createCertificateAuthority(partners.working, clock.now())).certificatePem
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwtKeys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'demo' }]
  let authorityPems = [await newAuthority()]
  let sequence = 1
  const rotate = async () => {
    while (!signal.aborted) {
      await clock.sleep(rotateMs, signal)
      authorityPems = [...authorityPems.slice(-1), await newAuthority()]
      sequence++
    }
  }
  void rotate()
  const webAuthority = await createCertificateAuthority('web-ca', clock.now())
  await writeFile(authoritiesFile, webAuthority.certificatePem)
  const certificate = await createServerCertificate(webAuthority, { type: 'ip', value: '127.0.0.1' }, clock.now())
  const endpoint = await startBundleEndpoint(certificate, () =>
    bundleDocument({ authorityPems, jwtKeys, sequence, refreshHintSeconds }),
  )
  return {
    endpoint,
    settings: {
      trustDomain: partners.working,
      url: endpoint.url,
      profile: 'https_web',
      certificateAuthorities: authoritiesFile,
    },
  }
}

/** Starts an https_spiffe endpoint whose authority has changed, so that the bootstrap bundle does not verify it. */
async function startStuck(clock: Clock, bootstrapFile: string): Promise<Partner> {
  const newAuthority = () => createCertificateAuthority(partners.stuck, clock.now())
  const [known, present] = [await newAuthority(), await newAuthority()]
  const document = ({ certificatePem }: typeof known, sequence: number) =>
    bundleDocument({ authorityPems: [certificatePem], jwtKeys: [], sequence, refreshHintSeconds })
  await writeFile(bootstrapFile, document(known, 1))
  const endpointSpiffeId = `spiffe://${partners.stuck}/spire/server`
  const certificate = await createServerCertificate(present, { type: 'url', value: endpointSpiffeId }, clock.now())
  const endpoint = await startBundleEndpoint(certificate, () => document(present, 2))
  return {
    endpoint,
    settings: {
      trustDomain: partners.stuck,
      url: endpoint.url,
      profile: 'https_spiffe',
      endpointSpiffeId,
      bootstrapBundle: bootstrapFile,
    },
  }
}
