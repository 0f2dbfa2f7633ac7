import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { ConfigMapStore } from '../../../src/checkpoint/configMapStore.ts'
import { FileStore } from '../../../src/checkpoint/fileStore.ts'
import type { StateStore } from '../../../src/checkpoint/stateStore.ts'
import { systemClock } from '../../../src/clock.ts'
import type { Role } from '../../../src/role.ts'
import { startApiServer } from '../../../src/world/apiServer/server.ts'
import { createStore } from '../../../src/world/apiServer/store.ts'
import { bundleDocument, createServerCertificate, startBundleEndpoint } from '../../../src/world/bundleEndpoint.ts'
import { createCertificateAuthority, type CertificateAuthority } from '../../../src/world/certificateAuthority.ts'
import { createClientFromText } from '../../../src/kubernetes/client.ts'
import { metricsOf, runningApp, values } from '../../support/runningApp.ts'
import { realFiles } from '../../support/realFiles.ts'

/** TLS knows only the real time. */
const clock = systemClock
const endpointSpiffeId = 'spiffe://partner.example/spire/server'

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'svidwatch-memory-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** An endpoint that shows a certificate of `signer`, and a bundle of these authorities. */
async function endpoint(signer: CertificateAuthority, sequence: number, authorities: readonly CertificateAuthority[]) {
  const certificate = await createServerCertificate(signer, { type: 'url', value: endpointSpiffeId }, clock.now())
  const authorityPems = authorities.map(({ certificatePem }) => certificatePem)
  const document = bundleDocument({ authorityPems, jwtKeys: [], sequence, refreshHintSeconds: 300 })
  const started = await startBundleEndpoint(certificate, () => document)
  onTestFinished(() => started.close())
  return started.url
}

/** Where a process of these roles keeps its state: each call makes the store of another process. */
type Place = () => Promise<{ readonly roles: readonly Role[]; readonly open: () => Partial<Surroundings> }>
type Surroundings = Pick<Parameters<typeof runningApp>[2], 'client' | 'store'>

const file: Place = async () => {
  const path = join(await temporaryFolder(), 'state.json')
  return { roles: ['standalone'], open: () => ({ store: new FileStore(path, realFiles) }) }
}

const configMap: Place = async () => {
  const api = await startApiServer({ clock, store: createStore(clock) })
  onTestFinished(() => api.close())
  const open = () => {
    const client = createClientFromText(api.kubeconfig, clock)
    return { client, store: new ConfigMapStore(client, 'platform', 'svidwatch-state') }
  }
  return { roles: ['cluster'], open }
}

const nowhere: Place = () => Promise.resolve({ roles: ['standalone'], open: () => ({}) })

async function isRemembered(store: StateStore | undefined): Promise<boolean> {
  const loaded = await store?.load('memory.json', new AbortController().signal)
  return JSON.stringify(loaded ?? {}).includes('partner.example')
}

test.each<[string, Place, number]>([
  ['a file', file, 1],
  ['a ConfigMap', configMap, 1],
  ['nothing', nowhere, 0],
])(
  'with %s to remember by, a bundle endpoint whose first bundle is outdated is up (1) or not (0)',
  async (_, place, up) => {
    const [old, young] = [
      await createCertificateAuthority('old', clock.now()),
      await createCertificateAuthority('young', clock.now()),
    ]
    const bootstrapBundle = join(await temporaryFolder(), 'bootstrap.pem')
    await writeFile(bootstrapBundle, old.certificatePem)
    const { roles, open } = await place()
    const start = (url: string) => {
      const partner = {
        trustDomain: 'partner.example',
        url,
        profile: 'https_spiffe',
        endpointSpiffeId,
        bootstrapBundle,
      }
      return runningApp(roles, { bundleEndpoints: [partner] }, { clock, ...open() })
    }
    const sight = async (app: Awaited<ReturnType<typeof start>>) => values(await metricsOf(app), 'spiffe_bundle_up')

    const first = await start(await endpoint(old, 1, [old, young]))
    await vi.waitFor(async () => expect(await sight(first)).toEqual([1]), 10_000)
    const { store } = open()
    await vi.waitFor(async () => expect(await isRemembered(store)).toBe(store !== undefined), 10_000)

    const second = await start(await endpoint(young, 2, [young]))
    const attempts = async () => {
      const text = await metricsOf(second)
      const counters = ['spiffe_bundle_fetches_total', 'spiffe_bundle_fetch_failures_total']
      return counters.flatMap((name) => values(text, name)).reduce((all, value) => all + value, 0)
    }
    await vi.waitFor(async () => expect(await attempts()).toBe(1), 10_000)
    expect(await sight(second)).toEqual([up])
  },
)

test('a state file that cannot be written is told and counted, and costs nothing else', async () => {
  const folder = await temporaryFolder()
  const logged: { readonly event: string; readonly level: string; readonly message: string }[] = []
  const authority = await createCertificateAuthority('old', clock.now())
  const bootstrapBundle = join(folder, 'bootstrap.pem')
  await writeFile(bootstrapBundle, authority.certificatePem)
  const url = await endpoint(authority, 1, [authority])
  const partner = { trustDomain: 'partner.example', url, profile: 'https_spiffe', endpointSpiffeId, bootstrapBundle }
  const store = new FileStore(join(folder, 'nowhere', 'state.json'), realFiles)
  const app = await runningApp(['standalone'], { bundleEndpoints: [partner] }, { clock, store }, logged)
  await vi.waitFor(async () => {
    const text = await metricsOf(app)
    expect(values(text, 'svidwatch_checkpoint_failures_total')[0]).toBeGreaterThan(0)
    expect(values(text, 'spiffe_bundle_up')).toEqual([1])
  }, 10_000)
  const told = logged.filter(({ event }) => event === 'checkpoint_problem').map(({ message }) => message)
  expect(told).toEqual([expect.stringMatching(/^state file .* cannot be written: .*its folder does not exist/)])
})

test('the totals of a cluster role go to a state file where there is one', async () => {
  const path = join(await temporaryFolder(), 'state.json')
  const { open } = await configMap()
  const app = await runningApp(['cluster'], {}, { clock, ...open(), store: new FileStore(path, realFiles) })
  await vi.waitFor(async () => {
    const text = await metricsOf(app)
    expect(values(text, 'svidwatch_checkpoint_last_success_timestamp_seconds')).toHaveLength(1)
  }, 10_000)
  expect(Object.keys(JSON.parse(await readFile(path, 'utf8')) as object)).toContain('checkpoint.json')
})
