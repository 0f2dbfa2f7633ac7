import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../cluster/support/shell.ts'
import { Svidwatch } from '../cluster/support/svidwatch.ts'
import { freePort } from '../support/freePort.ts'
import { Gate } from './support/gate.ts'
import { command, Spire } from './support/spire.ts'
import { Workload } from './support/workload.ts'

/** How many CAs follow each other in the right order. */
const changes = Number(process.env['SVIDWATCH_TEST_CA_CHANGES'] ?? 3)

/** A trust domain of which svidwatch knows the bundle endpoint, behind the gate, and a server. */
interface Domain {
  readonly spire: Spire
  readonly gate: Gate
  readonly workload: Workload
}

describe.skipIf(command === '')('servers of two federated trust domains of SPIRE', () => {
  const started = new AsyncDisposableStack()
  /** The file with the first bundle of b.test. */
  let bootstrap: string
  /** The endpoint of a.test has the profile https_web, that of b.test https_spiffe. */
  let a: Domain
  let b: Domain
  let svidwatch: Svidwatch

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'svidwatch-spire-'))
    started.defer(() => rm(folder, { recursive: true, force: true }))
    const web = started.use(await Spire.start('a', { profile: 'https_web' }))
    const spiffe = started.use(await Spire.start('b', { profile: 'https_spiffe', webAuthorities: web.webCertificate }))
    bootstrap = join(folder, 'b.test.json')
    const bundleOfA = join(folder, 'a.test.json')
    await writeFile(bootstrap, await spiffe.bundle())
    await writeFile(bundleOfA, await web.bundle())
    await web.federateWith(spiffe, bootstrap)
    await spiffe.federateWith(web, bundleOfA)
    a = await domainOf(web, spiffe)
    b = await domainOf(spiffe, web)

    const bundleEndpoints = [
      {
        ...{ trustDomain: 'a.test', url: urlOf(a), profile: 'https_web' },
        certificateAuthorities: web.webCertificate,
      },
      {
        ...{ trustDomain: 'b.test', url: urlOf(b), profile: 'https_spiffe' },
        endpointSpiffeId: spiffe.endpointSpiffeId,
        bootstrapBundle: bootstrap,
      },
    ]
    const targets = [a, b].map(({ workload }) => ({ address: workload.address }))
    const settings = { bundleEndpoints, servedSvids: { interval: '10s', targets }, log: { level: 'error' } }
    const lines = Object.entries(settings).map(([section, value]) => `${section}: ${JSON.stringify(value)}`)
    svidwatch = await Svidwatch.start('standalone', await freePort(), lines.join('\n'))
    started.defer(async () => {
      await svidwatch.stop()
    })
  }, 300_000)

  afterAll(() => started.disposeAsync(), 60_000)

  async function domainOf(spire: Spire, other: Spire): Promise<Domain> {
    await spire.addWorkload('/web', other)
    const gate = started.use(await Gate.start(Number(spire.endpoint.port)))
    return { spire, gate, workload: started.use(await Workload.start(spire)) }
  }

  const both = () => [a, b] as const
  const eachSpire = (act: (spire: Spire) => Promise<void>) => Promise.all(both().map(({ spire }) => act(spire)))
  const reloadAll = () => Promise.all(both().map(({ workload }) => workload.reload()))

  const probes = ({ spire: { trustDomain } }: Domain, result: string) =>
    svidwatch.sum('spiffe_federated_probes_total', { trust_domain: trustDomain, result })

  /** Waits until two more probes of a server were verified: the first of them may have begun before. */
  async function untilVerified(domain: Domain): Promise<void> {
    const before = await probes(domain, 'verified')
    await until(`verified probes of ${domain.spire.trustDomain}`, 60, async () =>
      (await probes(domain, 'verified')) >= before + 2 ? true : undefined,
    )
  }

  /** Waits until svidwatch has fetched bundles with so many CAs. */
  async function untilFetched(authorities: number): Promise<void> {
    for (const { spire } of both())
      await until(`${authorities} CAs in the bundle of ${spire.trustDomain}`, 60, async () => {
        const where = { trust_domain: spire.trustDomain, use: 'x509-svid' }
        return (await svidwatch.sum('spiffe_bundle_authorities', where)) === authorities ? true : undefined
      })
  }

  /** The addresses of the servers whose SVID peers refuse, with the reason. */
  const refused = async (): Promise<Readonly<Record<string, string | undefined>>> =>
    Object.fromEntries<string | undefined>(
      (await svidwatch.problems('peer_refuses', '')).map(({ subject, reason }) => [subject['file'] ?? '', reason]),
    )

  it('verify against the bundles that svidwatch has fetched for them, and accept each other', async () => {
    await Promise.all(both().map(untilVerified))
    expect(await Promise.all(both().map((domain) => probes(domain, 'refused')))).toEqual([0, 0])
    expect(await refused()).toEqual({})
    expect([await a.workload.accepts(b.workload.svid), await b.workload.accepts(a.workload.svid)]).toEqual([true, true])
  })

  it('are never refused while their CAs change in the right order', async () => {
    for (let change = 0; change < changes; change += 1) {
      await eachSpire((spire) => spire.prepare())
      await untilFetched(2)
      await eachSpire((spire) => spire.activate())
      await eachSpire((spire) => spire.taint())
      await reloadAll()
      await Promise.all(both().map(untilVerified))
      await eachSpire((spire) => spire.revoke())
      await untilFetched(1)
      await Promise.all(both().map(untilVerified))
    }
    expect(await Promise.all(both().map((domain) => probes(domain, 'refused')))).toEqual([0, 0])
    expect(await refused()).toEqual({})
  })

  it('are refused from a CA change in the wrong order until the bundle was fetched again', async () => {
    const clients = { a: a.workload.svid, b: b.workload.svid }
    for (const { gate } of both()) gate.isOpen = false
    await eachSpire((spire) => spire.prepare())
    await eachSpire((spire) => spire.activate())
    await eachSpire((spire) => spire.taint())
    await reloadAll()
    const servers = both().map(({ workload: { address } }) => address)
    await until('both servers refused', 60, async () => {
      const names = Object.keys(await refused())
      return servers.every((server) => names.includes(server)) || undefined
    })
    expect(await refused()).toEqual(Object.fromEntries(servers.map((server) => [server, 'unknown_authority'])))
    expect(Math.min(...(await Promise.all(both().map((domain) => probes(domain, 'refused')))))).toBeGreaterThan(0)
    // Clients that have the same bundles as svidwatch refuse them, too.
    expect([await a.workload.accepts(clients.b), await b.workload.accepts(clients.a)]).toEqual([false, false])

    for (const { gate } of both()) gate.isOpen = true
    await untilVerified(a)
    // An endpoint with https_spiffe presents an SVID of the new CA as well, which the last bundle does not verify either.
    await until('the endpoint of b.test refused', 60, async () => {
      const where = { trust_domain: 'b.test', reason: 'tls_untrusted' }
      return (await svidwatch.sum('spiffe_bundle_fetch_failures_total', where)) > 0 || undefined
    })
    expect(await refused()).toEqual({ [b.workload.address]: 'unknown_authority' })
    await writeFile(bootstrap, await b.spire.bundle())
    await untilVerified(b)
    expect(await refused()).toEqual({})
  })

  const urlOf = ({ gate }: Domain) => `https://127.0.0.1:${gate.port}`
})
