import { describe, expect, it } from 'vitest'
import { projectRequest } from '../../../../src/sources/certificateRequests/projection.ts'
import { dns, signedAnew, signingRequestFor, url } from '../../../support/signingRequests.ts'
import { createTestCa } from '../../../support/testCa.ts'

const web = 'spiffe://example.org/ns/team-a/sa/web'
const annotations = { 'spiffe.csi.cert-manager.io/identity': web }
const base64 = (text: string) => Buffer.from(text).toString('base64')

const inSpec = async (...of: Parameters<typeof signingRequestFor>) => base64(await signingRequestFor(...of))
const ordinaryRequest = await inSpec([url(web)])
const caRequest = await inSpec([url(web)], true)
const webServer = await inSpec([dns('web')])
const twoOthers = await inSpec([url('https://a.example'), url('https://b.example')])
const trustDomainCa = await inSpec([url('spiffe://example.org')], true)

function project({ metadata = {}, spec = {}, status = {} }: Partial<Record<'metadata' | 'spec' | 'status', object>>) {
  return projectRequest({
    metadata: { uid: 'request-1', resourceVersion: '7', namespace: 'team-a', name: 'request-1', ...metadata },
    spec: { request: ordinaryRequest, issuerRef: { name: 'ca' }, ...spec },
    status,
  })
}

describe('a request without annotation', () => {
  it.each([
    ['for a workload', { request: ordinaryRequest }, true],
    ['for a CA by its CSR', { request: caRequest }, false],
    ['for a CA by spec.isCA', { request: ordinaryRequest, isCA: true }, false],
    ['for a web server', { request: webServer }, false],
    ['for two URIs that are not of SPIFFE', { request: twoOthers }, false],
    ['for a CA of a trust domain', { request: trustDomainCa }, false],
    ['for a CA, that cannot be read', { request: base64('?'), isCA: true }, false],
  ])('%s is one of ours: %#', (_, spec, isOurs) => {
    expect(project({ spec }) !== undefined).toBe(isOurs)
  })

  it('with a key of ML-DSA-87 is one of ours', () => {
    const request = base64(signedAnew(Buffer.from(ordinaryRequest, 'base64').toString(), 'ml-dsa-87'))
    expect(project({ spec: { request } })).toMatchObject({ request: { spiffeId: web }, rejections: [] })
  })

  it.each([
    ['many_uri_sans', [url('https://example.org'), url(web)]],
    ['invalid_spiffe_id', [url('spiffe://example.org/a/../b')]],
    ['no_path', [url('spiffe://example.org')]],
  ])('for a URI of SPIFFE is one of ours, and refused: %s', async (reason, names) => {
    expect(project({ spec: { request: await inSpec(names) } })).toMatchObject({
      request: { uid: 'request-1', spiffeId: '', trustDomain: '', annotationLies: false },
      rejections: [{ reason, detail: expect.stringMatching(/^spec\.request: /) as string }],
    })
  })

  it.each(['?', 'A'.repeat(140_000)])('that cannot be read is named and refused: %#', (text) => {
    expect(project({ spec: { request: base64(text) } })).toMatchObject({
      unread: { uid: 'request-1', namespace: 'team-a', name: 'request-1' },
      rejections: [{ reason: 'csr_unparsable' }],
    })
  })

  it('that cannot be read is not one of ours if its certificate is for a web server', async () => {
    const period = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2026-01-02T00:00:00Z') }
    const { certificatePem } = await (await createTestCa()).issue({ dns: ['web'], ...period })
    const status = { certificate: base64(certificatePem) }
    expect(project({ spec: { request: base64('?') }, status })).toBeUndefined()
  })
})

it('a request with the annotation is one of ours even where it asks for a CA', () => {
  expect(project({ metadata: { annotations }, spec: { request: caRequest } })?.request).toMatchObject({
    spiffeId: web,
    annotationLies: false,
  })
})

describe('the chain behind an SVID', () => {
  const [soon, late] = [new Date('2026-06-01T00:00:00Z'), new Date('2030-01-01T00:00:00Z')]
  const period = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2026-01-02T00:00:00Z') }

  /** A request whose certificate has an intermediate behind the leaf, and status.ca, which end when told. */
  async function issued(ends: { readonly intermediate?: Date; readonly ca?: Date }) {
    const root = await createTestCa()
    const authority = async (notAfter?: Date) => (notAfter ? (await createTestCa({ notAfter })).certificatePem : '')
    const { certificatePem } = await root.issue({ uris: [web], ...period })
    const certificate = base64(certificatePem + (await authority(ends.intermediate)))
    return project({ status: { certificate, ca: base64(await authority(ends.ca)) } })
  }

  it.each([
    ['an intermediate before status.ca', { intermediate: soon, ca: late }, soon],
    ['status.ca before an intermediate', { intermediate: late, ca: soon }, soon],
    ['an intermediate alone', { intermediate: soon }, soon],
    ['status.ca alone', { ca: late }, late],
    ['nothing', {}, undefined],
  ])('ends with %s', async (_, ends, end) => {
    const projected = await issued(ends)
    expect(projected?.rejections).toEqual([])
    expect(projected?.request?.svid?.chain?.notAfterMs).toBe(end?.getTime())
  })

  it('is read if it is as long as three certificates of SLH-DSA', async () => {
    const { certificatePem } = await (await createTestCa()).issue({ uris: [web], ...period })
    const certificate = base64(`${'#'.repeat(205_000)}\n${certificatePem}`)
    expect(project({ status: { certificate } })).toMatchObject({ request: { svid: { spiffeId: web } }, rejections: [] })
  })

  it('ends with the intermediate where status.ca cannot be read, which is a rejection', async () => {
    const { certificatePem } = await (await createTestCa()).issue({ uris: [web], ...period })
    const intermediate = (await createTestCa({ notAfter: soon })).certificatePem
    const status = { certificate: base64(certificatePem + intermediate), ca: base64('no PEM') }
    const projected = project({ status })
    expect(projected?.request?.svid?.chain?.notAfterMs).toBe(soon.getTime())
    expect(projected?.rejections).toMatchObject([
      { reason: 'malformed_pem', detail: expect.stringMatching(/^status\.ca: /) as string },
    ])
  })
})

describe('the owner', () => {
  const owner = (kind: string) => ({ apiVersion: 'v1', kind, name: `${kind.toLowerCase()}-a`, uid: `uid-${kind}` })

  it.each([
    ['nobody', undefined],
    ['no Pod', [owner('Certificate'), owner('ReplicaSet')]],
    ['named as no Pod can be', [{ ...owner('Pod'), name: '<!channel>' }]],
  ])('that is %s is left out', (_, ownerReferences) => {
    expect(project({ metadata: { ownerReferences } })?.request).not.toHaveProperty('owner')
  })

  it('is the Pod among all owners', () => {
    const ownerReferences = [owner('Certificate'), owner('Pod')]
    expect(project({ metadata: { ownerReferences } })?.request?.owner).toEqual({ podUid: 'uid-Pod', podName: 'pod-a' })
  })
})

describe('the issuer', () => {
  it.each([
    [{ name: 'ca' }, 'Issuer/team-a/ca'],
    [{ name: 'ca', kind: 'Issuer', group: 'cert-manager.io' }, 'Issuer/team-a/ca'],
    [{ name: 'ca', kind: 'ClusterIssuer' }, 'ClusterIssuer/ca'],
    [{ name: 'ca', kind: 'AWSPCAIssuer', group: 'awspca.cert-manager.io' }, 'AWSPCAIssuer.awspca.cert-manager.io/ca'],
    [{ name: 'ca', group: 'example.org' }, 'Issuer.example.org/ca'],
    [{ name: 'ca.example', kind: '', group: '' }, 'Issuer/team-a/ca.example'],
  ])('%j is %s', (issuerRef, issuer) => {
    expect(project({ spec: { issuerRef } })?.request?.issuer).toBe(issuer)
  })
})
