import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Clock } from '../../src/clock.ts'
import { bundleDocument, createServerCertificate, startBundleEndpoint } from '../../src/world/bundleEndpoint.ts'
import { authorityLifetimeMs, createCertificateAuthority } from '../../src/world/certificateAuthority.ts'

/** Another trust domain with a bundle endpoint of the profile https_web. */
export interface Partner {
  /** Its entry in svidwatch's setting `bundleEndpoints`. */
  readonly settings: Readonly<Record<string, string>>
  /** Takes the endpoint away: connections are refused. */
  stop(): Promise<void>
}

interface PartnerOptions {
  readonly clock: Clock
  /** An existing folder, for the file that the settings name. */
  readonly folder: string
  readonly trustDomain: string
  /** How long its only authority is still valid, ms. It is not replaced. */
  readonly leftMs: number
}

const refreshHintSeconds = 30

/** Starts a partner, which stops after the test. */
export async function startPartner({ clock, folder, trustDomain, leftMs }: PartnerOptions): Promise<Partner> {
  const nowMs = clock.now()
  const authority = await createCertificateAuthority(trustDomain, nowMs, authorityLifetimeMs - leftMs)
  const web = await createCertificateAuthority('web-ca', nowMs)
  const certificateAuthorities = join(folder, `web-ca-of-${trustDomain}.pem`)
  await writeFile(certificateAuthorities, web.certificatePem)
  const certificate = await createServerCertificate(web, { type: 'ip', value: '127.0.0.1' }, nowMs)
  const bundle = { authorityPems: [authority.certificatePem], jwtKeys: [], sequence: 1, refreshHintSeconds }
  const endpoint = await startBundleEndpoint(certificate, () => bundleDocument(bundle))
  let stopped: Promise<void> | undefined
  const stop = () => (stopped ??= endpoint.close())
  onTestFinished(stop)
  return { settings: { trustDomain, url: endpoint.url, profile: 'https_web', certificateAuthorities }, stop }
}
