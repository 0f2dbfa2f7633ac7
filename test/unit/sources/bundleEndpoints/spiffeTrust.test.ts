import { beforeAll, describe, expect, test } from 'vitest'
import type { RememberedBundle } from '../../../../src/ledger/bundles/remembered.ts'
import { AskedEndpoints, codeOf, temporaryFile } from '../../../support/askedEndpoints.ts'
import { bundleOf, createBundlePki, derOf, endpointId, type BundlePki } from '../../../support/bundlePki.ts'
import { httpsServer } from '../../../support/bundleServers.ts'
import { createTestCa, type TestCa } from '../../../support/testCa.ts'
import { eventually } from '../../../support/eventually.ts'

const trustDomain = 'partner.example'

let pki: BundlePki
/** Authorities of the endpoint's trust domain, one after the other. */
let first: TestCa
let second: TestCa
let third: TestCa
beforeAll(async () => {
  pki = await createBundlePki()
  first = pki.spiffe
  second = await createTestCa({ name: 'second' })
  third = await createTestCa({ name: 'third' })
})

/** An endpoint that has certificates of one authority and serves one document, until both change. */
async function rotatingServer(ca: TestCa, cas: readonly TestCa[], members = {}) {
  let document = bundleOf(cas, members)
  const { url, present } = await httpsServer(await pki.svid({}, ca), (_, response) => response.end(document))
  const rotate = async (nextCa: TestCa, nextCas: readonly TestCa[], nextMembers = {}) => {
    document = bundleOf(nextCas, nextMembers)
    present(await pki.svid({}, nextCa))
  }
  return { url, rotate }
}

function entry(url: string, bootstrapBundle: string | undefined, name = trustDomain) {
  return { trustDomain: name, url, profile: 'https_spiffe', endpointSpiffeId: endpointId, bootstrapBundle } as const
}

async function webEntry(name: string, document: () => string) {
  const { url } = await httpsServer(await pki.webLeaf(), (_, response) => response.end(document()))
  const { path } = temporaryFile(pki.web.certificatePem)
  return { trustDomain: name, url, profile: 'https_web', certificateAuthorities: path } as const
}

/** The codes of the outcomes of attempts that are 5 min apart, with what happens before each. */
async function codesOf(asked: AskedEndpoints, steps: readonly (() => unknown)[], name = trustDomain) {
  const codes = [codeOf(await asked.outcome(name))]
  await inContact(asked)
  for (const step of steps) {
    await step()
    await asked.clock.advance(300_000)
    codes.push(codeOf(await asked.outcome(name, codes.length + 1)))
  }
  return codes
}

async function inContact(asked: AskedEndpoints): Promise<void> {
  await eventually(() => expect(asked.observations).toContainEqual({ kind: 'contact', source: 'bundleEndpoints' }))
}

/** What the ledger remembers of the newest bundle. */
async function rememberedOf(asked: AskedEndpoints, count: number): Promise<RememberedBundle> {
  const outcome = await asked.outcome(trustDomain, count)
  if (outcome.kind !== 'bundle' || outcome.bootstrap === undefined) throw new Error('nothing to remember')
  const { bootstrap, bundle } = outcome
  const authorities = bundle.x509Authorities.map(({ der }) => der)
  const sequence = bundle.sequence && { sequence: String(bundle.sequence) }
  return { trustDomain, bootstrap, refreshedMs: 1, ...sequence, authorities, jwtAuthorities: [] }
}

describe('the trust in an https_spiffe endpoint', () => {
  test('begins with the configured bundle and goes on with what the endpoint gave last', async () => {
    const server = await rotatingServer(first, [first, second])
    const asked = new AskedEndpoints({ endpoints: [entry(server.url, temporaryFile(first.certificatePem).path)] })
    const steps = [
      () => server.rotate(second, [second, third]),
      () => server.rotate(third, [third]),
      () => server.rotate(first, [first]),
    ]
    expect(await codesOf(asked, steps)).toEqual(['bundle', 'bundle', 'bundle', 'tls_untrusted'])
  })

  test('takes an authority that another one has signed, without that one', async () => {
    const intermediate = await createTestCa({ name: 'intermediate', signedBy: pki.stranger })
    const server = await rotatingServer(intermediate, [intermediate])
    const file = temporaryFile(intermediate.certificatePem)
    const asked = new AskedEndpoints({ endpoints: [entry(server.url, file.path)] })
    expect(await codesOf(asked, [() => undefined])).toEqual(['bundle', 'bundle'])
  })

  test('is lost where the endpoint gave a bundle without authorities', async () => {
    const server = await rotatingServer(first, [])
    const asked = new AskedEndpoints({ endpoints: [entry(server.url, temporaryFile(first.certificatePem).path)] })
    expect(await codesOf(asked, [() => undefined])).toEqual(['bundle', 'tls_untrusted'])
    expect(await asked.outcome(trustDomain, 2)).toMatchObject({
      detail: 'the newest bundle of its trust domain has no X.509 authority',
    })
  })

  test.each([
    ['PEM', () => first.certificatePem],
    ['PEM of several authorities', () => third.certificatePem + first.certificatePem],
    ['a SPIFFE bundle', () => bundleOf([third, first])],
  ])('begins with %s', async (_, content) => {
    const server = await rotatingServer(first, [first])
    const asked = new AskedEndpoints({ endpoints: [entry(server.url, temporaryFile(content()).path)] })
    expect(await asked.outcome(trustDomain)).toMatchObject({ kind: 'bundle', bootstrap: expect.any(String) as string })
  })

  test.each([
    ['nothing', () => '', 'it is empty'],
    ['text', () => 'no PEM', 'no PEM block of type CERTIFICATE'],
    ['half a certificate', () => first.certificatePem.slice(0, 200), 'certificate 1 has no END line'],
    ['a certificate that is no CA', () => pki.leafPem, 'certificate 1: it is not a CA certificate'],
    ['a bundle without X.509 authorities', () => bundleOf([]), 'the file has no X.509 authority'],
    ['half a bundle', () => bundleOf([first]).slice(0, 200), 'the text is not JSON'],
  ])('cannot begin with a file with %s', async (_, content, detail) => {
    const server = await rotatingServer(first, [first])
    const { path } = temporaryFile(content())
    const outcome = await new AskedEndpoints({ endpoints: [entry(server.url, path)] }).outcome(trustDomain)
    expect(outcome).toMatchObject({ reason: 'no_bootstrap', detail: expect.stringContaining(detail) as string })
    expect('detail' in outcome && outcome.detail.startsWith(path)).toBe(true)
  })

  test('does not end with the file: what was learned from it stays', async () => {
    const server = await rotatingServer(first, [second])
    const file = temporaryFile(first.certificatePem)
    const asked = new AskedEndpoints({ endpoints: [entry(server.url, file.path)] })
    const step = async () => {
      file.write('half-written')
      await server.rotate(second, [second])
    }
    expect(await codesOf(asked, [step])).toEqual(['bundle', 'bundle'])
  })
})

describe('a federation that is stuck', () => {
  test('is healed by another configured bundle, whose sequence may begin anew', async () => {
    const server = await rotatingServer(first, [first], { spiffe_sequence: 9 })
    const file = temporaryFile(first.certificatePem)
    const asked = new AskedEndpoints({ endpoints: [entry(server.url, file.path)] })
    const steps = [
      () => server.rotate(third, [third], { spiffe_sequence: 1 }),
      () => file.write(bundleOf([third])),
      () => server.rotate(third, [third], { spiffe_sequence: 2 }),
    ]
    expect(await codesOf(asked, steps)).toEqual(['bundle', 'tls_untrusted', 'bundle', 'bundle'])
  })

  test('stays stuck where the file says the same in other words', async () => {
    const server = await rotatingServer(first, [first, second])
    const file = temporaryFile(first.certificatePem)
    const asked = new AskedEndpoints({ endpoints: [entry(server.url, file.path)] })
    const steps = [() => file.write(bundleOf([first], { spiffe_sequence: 7 })), () => server.rotate(second, [second])]
    expect(await codesOf(asked, steps)).toEqual(['bundle', 'bundle', 'bundle'])
  })
})

describe('after a restart', () => {
  /** What an earlier process remembered of an endpoint that has rotated from the first to the second authority. */
  async function earlier(members = {}) {
    const server = await rotatingServer(first, [first, second], members)
    const file = temporaryFile(first.certificatePem)
    const asked = new AskedEndpoints({ endpoints: [entry(server.url, file.path)] })
    expect(await codesOf(asked, [() => server.rotate(second, [second], members)])).toEqual(['bundle', 'bundle'])
    return { server, file, bundle: await rememberedOf(asked, 2) }
  }

  test('the remembered bundle verifies where the configured one no longer does', async () => {
    const { server, file, bundle } = await earlier()
    const endpoints = [entry(server.url, file.path)]
    const forgetful = new AskedEndpoints({ endpoints })
    expect(codeOf(await forgetful.outcome(trustDomain))).toBe('tls_untrusted')
    const asked = new AskedEndpoints({ endpoints, remembered: () => bundle })
    expect(await asked.outcome(trustDomain)).toMatchObject({ kind: 'bundle', bootstrap: bundle.bootstrap })
  })

  test('it is void where another bundle is configured', async () => {
    const { server, file, bundle } = await earlier({ spiffe_sequence: 9 })
    file.write(third.certificatePem)
    const asked = new AskedEndpoints({ endpoints: [entry(server.url, file.path)], remembered: () => bundle })
    const steps = [() => server.rotate(third, [third], { spiffe_sequence: 1 })]
    expect(await codesOf(asked, steps)).toEqual(['tls_untrusted', 'bundle'])
  })

  test('an older bundle than it is refused', async () => {
    const { server, file, bundle } = await earlier({ spiffe_sequence: 9 })
    await server.rotate(second, [second], { spiffe_sequence: 8 })
    const asked = new AskedEndpoints({ endpoints: [entry(server.url, file.path)], remembered: () => bundle })
    expect(codeOf(await asked.outcome(trustDomain))).toBe('sequence_regressed')
  })

  test('one that cannot be read is not there', async () => {
    const { server, file, bundle } = await earlier()
    await server.rotate(first, [first])
    const broken = { ...bundle, authorities: [...bundle.authorities, 'AAAA'] }
    const asked = new AskedEndpoints({ endpoints: [entry(server.url, file.path)], remembered: () => broken })
    expect(codeOf(await asked.outcome(trustDomain))).toBe('bundle')
  })
})

describe('an endpoint of another trust domain', () => {
  test('is verified with the bundle that another entry fetches, from the first attempt on', async () => {
    const served = await rotatingServer(first, [third])
    const endpoints = [
      entry(served.url, undefined, 'other.example'),
      await webEntry(trustDomain, () => bundleOf([first])),
    ]
    const outcome = await new AskedEndpoints({ endpoints }).outcome('other.example')
    expect(outcome).toMatchObject({ bundle: { x509Authorities: [{ der: derOf(third.certificatePem) }] } })
    expect(outcome).not.toHaveProperty('bootstrap')
  })

  test('goes back to the bundle that is configured for that entry', async () => {
    const server = await rotatingServer(first, [first])
    const file = temporaryFile(first.certificatePem)
    const endpoints = [entry(server.url, undefined, 'other.example'), entry(server.url, file.path)]
    const asked = new AskedEndpoints({ endpoints })
    const [own, other] = [await asked.outcome(trustDomain), await asked.outcome('other.example')]
    expect('bootstrap' in own && own.bootstrap).toMatch(/^[0-9a-f]{64}$/)
    expect(other).toMatchObject({ bootstrap: 'bootstrap' in own && own.bootstrap })
  })

  test('is not verified with its own bundle, nor with any other', async () => {
    const served = await rotatingServer(third, [third])
    const endpoints = [
      await webEntry(trustDomain, () => bundleOf([first])),
      await webEntry('third.example', () => bundleOf([third])),
      entry(served.url, undefined, 'other.example'),
    ]
    const asked = new AskedEndpoints({ endpoints })
    expect(codeOf(await asked.outcome('other.example'))).toBe('tls_untrusted')
  })

  test('cannot be verified where the other entry has no bundle yet, and can once it has', async () => {
    const served = await rotatingServer(first, [third])
    let document = 'no bundle'
    const endpoints = [entry(served.url, undefined, 'other.example'), await webEntry(trustDomain, () => document)]
    const asked = new AskedEndpoints({ endpoints })
    const steps = [
      async () => {
        document = bundleOf([first])
        await asked.clock.advance(300_000)
        await asked.outcome(trustDomain, 2)
        await asked.outcome('other.example', 2)
      },
    ]
    expect((await codesOf(asked, steps, 'other.example'))[0]).toBe('no_bootstrap')
    expect(codeOf(await asked.outcome('other.example', 3))).toBe('bundle')
  })

  test('is not verified with the configured bundle of a trust domain further down the chain', async () => {
    const id = 'spiffe://other.example/bundle-endpoint'
    const leaf = await pki.svid({ uris: [id] }, first)
    const { url } = await httpsServer(leaf, (_, response) => response.end(bundleOf([third])))
    const unreachable = entry('https://127.0.0.1:1/', temporaryFile(first.certificatePem).path, 'other.example')
    const endpoints = [{ ...entry(url, undefined, 'third.example'), endpointSpiffeId: id }, unreachable]
    const asked = new AskedEndpoints({ endpoints })
    expect(codeOf(await asked.outcome('third.example'))).toBe('no_bootstrap')
  })

  test('cannot be verified in a circle', async () => {
    const { url } = await rotatingServer(first, [first])
    const id = (name: string) => `spiffe://${name}/bundle-endpoint`
    const endpoints = [
      { ...entry(url, undefined, 'one.example'), endpointSpiffeId: id('other.example') },
      { ...entry(url, undefined, 'other.example'), endpointSpiffeId: id('one.example') },
    ]
    const asked = new AskedEndpoints({ endpoints })
    expect(codeOf(await asked.outcome('one.example'))).toBe('no_bootstrap')
    expect(codeOf(await asked.outcome('other.example'))).toBe('no_bootstrap')
  })

  test('goes on with another configured bundle until the next one is fetched', async () => {
    const served = await rotatingServer(second, [third])
    const file = temporaryFile(third.certificatePem)
    let document = bundleOf([first])
    const endpoints = [entry(served.url, file.path, 'other.example'), await webEntry(trustDomain, () => document)]
    const asked = new AskedEndpoints({ endpoints })
    const steps = [
      () => undefined,
      () => {
        document = 'no bundle'
        file.write(second.certificatePem)
      },
    ]
    expect(await codesOf(asked, steps, 'other.example')).toEqual(['tls_untrusted', 'tls_untrusted', 'bundle'])
  })
})
