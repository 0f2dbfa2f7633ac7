import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
} from '@peculiar/x509'
import { describe, expect, it } from 'vitest'
import { projectRequest } from '../../../../src/sources/certificateRequests/projection.ts'
import { createTestCa } from '../../../support/testCa.ts'

const web = 'spiffe://example.org/ns/team-a/sa/web'
const annotations = { 'spiffe.csi.cert-manager.io/identity': web }
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const base64 = (text: string) => Buffer.from(text).toString('base64')

/** A signing request for `web` as it stands in spec.request. */
async function signingRequest(isCa: boolean): Promise<string> {
  const csr = await Pkcs10CertificateRequestGenerator.create({
    keys: await webcrypto.subtle.generateKey(algorithm, false, ['sign', 'verify']),
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(isCa),
      new SubjectAlternativeNameExtension([{ type: 'url', value: web }]),
    ],
  })
  return base64(csr.toString('pem'))
}

const ordinaryRequest = await signingRequest(false)
const caRequest = await signingRequest(true)

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
  ])('%s is one of ours: %#', (_, spec, isOurs) => {
    expect(project({ spec }) !== undefined).toBe(isOurs)
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
    expect(projected?.request.svid?.chain?.notAfterMs).toBe(end?.getTime())
  })

  it('ends with the intermediate where status.ca cannot be read, which is a rejection', async () => {
    const { certificatePem } = await (await createTestCa()).issue({ uris: [web], ...period })
    const intermediate = (await createTestCa({ notAfter: soon })).certificatePem
    const status = { certificate: base64(certificatePem + intermediate), ca: base64('no PEM') }
    const projected = project({ status })
    expect(projected?.request.svid?.chain?.notAfterMs).toBe(soon.getTime())
    expect(projected?.rejections).toMatchObject([
      { reason: 'malformed_pem', detail: expect.stringMatching(/^status\.ca: /) as string },
    ])
  })
})

describe('the owner', () => {
  const owner = (kind: string) => ({ apiVersion: 'v1', kind, name: `${kind}-a`, uid: `uid-${kind}` })

  it.each([
    ['nobody', undefined],
    ['no Pod', [owner('Certificate'), owner('ReplicaSet')]],
  ])('that is %s is left out', (_, ownerReferences) => {
    expect(project({ metadata: { ownerReferences } })?.request).not.toHaveProperty('owner')
  })

  it('is the Pod among all owners', () => {
    const ownerReferences = [owner('Certificate'), owner('Pod')]
    expect(project({ metadata: { ownerReferences } })?.request.owner).toEqual({ podUid: 'uid-Pod', podName: 'Pod-a' })
  })
})

describe('the issuer', () => {
  it.each([
    [{ name: 'ca' }, 'Issuer/team-a/ca'],
    [{ name: 'ca', kind: 'Issuer', group: 'cert-manager.io' }, 'Issuer/team-a/ca'],
    [{ name: 'ca', kind: 'ClusterIssuer' }, 'ClusterIssuer/ca'],
    [{ name: 'ca', kind: 'AWSPCAIssuer', group: 'awspca.cert-manager.io' }, 'AWSPCAIssuer.awspca.cert-manager.io/ca'],
    [{ name: 'ca', group: 'example.org' }, 'Issuer.example.org/ca'],
  ])('%j is %s', (issuerRef, issuer) => {
    expect(project({ spec: { issuerRef } })?.request.issuer).toBe(issuer)
  })
})
