import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { projectRequest } from '../../../../src/sources/certificateRequests/projection.ts'
import { dns, signingRequestFor } from '../../../support/signingRequests.ts'

const webServer = Buffer.from(await signingRequestFor([dns('web')])).toString('base64')

const fixture = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`../../../fixtures/csi/cr-${name}.json`, import.meta.url), 'utf8')) as Record<
    string,
    unknown
  >
const items = (name: string) => fixture(name).items as Record<string, unknown>[]

describe('a recorded CertificateRequest', () => {
  it.each([
    ['new-no-status', 'pending', 'awaiting_approval'],
    ['approved-not-issued', 'approved', 'issuer_not_ready'],
    ['pending', 'pending', 'awaiting_approval'],
    ['pending-no-issuer', 'approved', 'issuer_not_found'],
    ['issued', 'issued', ''],
    ['lying-annotation', 'issued', ''],
    ['broken-ca-expired', 'issued', ''],
    ['broken-ca-mismatch', 'failed', 'failed_signing'],
    ['failed', 'failed', 'failed_signing'],
    ['failed-selfsigned', 'failed', 'failed_other'],
    ['denied', 'denied', 'denied_duration'],
    ['denied-admin', 'denied', 'denied_username'],
    ['denied-dns', 'denied', 'denied_forbidden_names'],
    ['denied-duration', 'denied', 'denied_duration'],
    ['denied-isca', 'denied', 'denied_is_ca'],
    ['denied-usages', 'denied', 'denied_key_usage'],
    ['denied-wrong-id', 'denied', 'denied_spiffe_id'],
    ['denied-wrong-td', 'denied', 'denied_trust_domain'],
  ])('%s is %s for %s', (name, state, reason) => {
    expect(projectRequest(fixture(name))?.request).toMatchObject({ state, reason })
  })

  it('is kept with everything that the ledger needs, and nothing else', () => {
    expect(projectRequest(fixture('issued'))).toMatchInlineSnapshot(`
      {
        "rejections": [],
        "request": {
          "annotationLies": false,
          "approvedMs": 1795334381000,
          "authorityKeyId": "bd9675dc073767c7d1b76d78715f5f1880239615",
          "concludedMs": 1795334381000,
          "createdMs": 1795334381000,
          "issuer": "ClusterIssuer/spiffe-ca",
          "name": "18e78423-d5c7-4044-9104-0d8bd2f27405",
          "namespace": "team-a",
          "owner": {
            "podName": "web-5965485f56-mf5tx",
            "podUid": "5509728e-ac8d-4ad5-864f-80284a9ee4bb",
          },
          "reason": "",
          "resourceVersion": "900",
          "spiffeId": "spiffe://example.org/ns/team-a/sa/web",
          "state": "issued",
          "svid": {
            "chain": {
              "notAfterMs": 1803109750000,
              "notBeforeMs": 1795333750000,
            },
            "fingerprint": "159440bda1270baca09f120e4cffb45f4046ae06804b6e3290544887c916ac04",
            "notAfterMs": 1795334561000,
            "notBeforeMs": 1795334381000,
            "spiffeId": "spiffe://example.org/ns/team-a/sa/web",
            "trustDomain": "example.org",
          },
          "trustDomain": "example.org",
          "uid": "bd6f4070-02cd-4a78-9396-3892b56941d8",
          "volumeHash": "756cfb489b",
        },
      }
    `)
  })

  it('is read without a rejection in all recorded lists', () => {
    const lists = ['issued-list', 'list-denied', 'list-failed', 'list-issuer-not-ready'].flatMap(items)
    expect(
      lists.flatMap((item) => projectRequest(item)?.rejections.map(({ detail }) => detail) ?? ['not SPIFFE']),
    ).toEqual([])
  })
})

/** The recorded request with some of its fields replaced; undefined removes one. */
function altered(name: string, change: (object: Record<string, Record<string, unknown>>) => void): unknown {
  const object = fixture(name) as Record<string, Record<string, unknown>>
  change(object)
  return object
}

describe('whose request it is', () => {
  it('says the certificate, whatever the annotation claims', () => {
    expect(projectRequest(fixture('lying-annotation'))?.request).toMatchObject({
      spiffeId: 'spiffe://example.org/ns/team-a/sa/web',
      annotationLies: true,
    })
  })

  it('says the CSR while there is no certificate', () => {
    const unannotated = altered('new-no-status', ({ metadata }) => delete metadata?.annotations)
    expect(projectRequest(unannotated)?.request).toMatchObject({
      spiffeId: 'spiffe://example.org/ns/team-a/sa/web',
      annotationLies: false,
    })
  })

  it('is nobody of ours without annotation and SPIFFE ID, or for a CA', () => {
    const ordinary = altered('denied-dns', ({ metadata, spec }) => {
      delete metadata?.annotations
      if (spec) spec.request = webServer
    })
    const ca = altered('denied-isca', ({ metadata }) => delete metadata?.annotations)
    expect([projectRequest(ordinary), projectRequest(ca)]).toEqual([undefined, undefined])
  })

  it('is unknown where neither can be read, which is a rejection', () => {
    const broken = altered('new-no-status', ({ spec }) => Object.assign(spec ?? {}, { request: 'AAAA' }))
    expect(projectRequest(broken)).toMatchObject({
      request: { spiffeId: '', trustDomain: '' },
      rejections: [{ reason: 'csr_unparsable' }],
    })
  })

  it('says the CSR where the certificate cannot be read, which is a rejection', () => {
    const broken = altered('issued', ({ status }) => Object.assign(status ?? {}, { certificate: 'AAAA' }))
    const projected = projectRequest(broken)
    expect(projected?.request).toMatchObject({ state: 'issued', spiffeId: 'spiffe://example.org/ns/team-a/sa/web' })
    expect(projected?.request?.svid).toBeUndefined()
    expect(projected?.rejections).toMatchObject([{ reason: 'malformed_pem' }])
  })
})

describe('what others chose', () => {
  it.each([
    ['name', ''],
    ['name', 'x'.repeat(254)],
    ['name', '<!channel>'],
    ['name', '[click](https://evil.example)'],
    ['name', 'https://evil.example'],
    ['name', 'team-b/ca'],
    ['name', '@here'],
    ['name', 'Ca'],
    ['name', '*ca*'],
    ['name', 'ca\0'],
    ['name', 'ca\n'],
    ['name', 'ca\u001b[31m'],
    ['name', 'ca\ud800'],
    ['name', 'ca\u202e'],
    ['kind', 'x'.repeat(64)],
    ['kind', '<!channel>'],
    ['kind', 'Issuer/team-b'],
    ['kind', 'invalid_name'],
    ['group', 'x'.repeat(254)],
    ['group', '<!channel>'],
    ['group', 'evil.example/a'],
  ])('becomes a code where no issuer can have it, and is a rejection: the %s %j', (field, value) => {
    const odd = altered('issued', ({ spec }) => Object.assign(spec?.issuerRef ?? {}, { [field]: value }))
    const projected = projectRequest(odd)
    expect(projected?.request).toMatchObject({ issuer: 'invalid_name', state: 'issued' })
    expect(projected?.rejections).toMatchObject([
      { reason: 'invalid_issuer_name', detail: expect.stringMatching(/^spec\.issuerRef: [ -~]{1,300}$/) as string },
    ])
  })

  it.each(['name', 'namespace'])('never becomes the %s of a request', (field) => {
    const odd = altered('issued', ({ metadata }) => Object.assign(metadata ?? {}, { [field]: '<!channel>' }))
    expect(() => projectRequest(odd)).toThrow(`metadata.${field} must be the name of a Kubernetes object`)
  })
})

describe('a malformed object', () => {
  it.each<[string, (object: Record<string, Record<string, unknown>>) => void, string]>([
    ['without a uid', ({ metadata }) => delete metadata?.uid, 'metadata.uid must be present'],
    [
      'with a number for a name',
      ({ metadata }) => Object.assign(metadata ?? {}, { name: 7 }),
      'metadata.name must be a string',
    ],
    ['with a text for its status', (object) => Object.assign(object, { status: 'fine' }), 'status must be an object'],
    [
      'with an object for its conditions',
      ({ status }) => Object.assign(status ?? {}, { conditions: {} }),
      'status.conditions must be a list',
    ],
    [
      'with a null among them',
      ({ status }) => Object.assign(status ?? {}, { conditions: [null] }),
      'status.conditions[0] must be an object',
    ],
    [
      'with no time for a time',
      ({ metadata }) => Object.assign(metadata ?? {}, { creationTimestamp: 'soon' }),
      'metadata.creationTimestamp must be an RFC 3339 time',
    ],
    [
      'with a time of a year that RFC 3339 does not have',
      ({ metadata }) => Object.assign(metadata ?? {}, { creationTimestamp: '+275760-09-13T00:00:00Z' }),
      'metadata.creationTimestamp must be an RFC 3339 time',
    ],
    [
      'with an endless field',
      ({ metadata }) => Object.assign(metadata ?? {}, { uid: 'x'.repeat(300_000) }),
      'metadata.uid must be at most 253 characters long',
    ],
  ])('%s says which field', (_, change, message) => {
    expect(() => projectRequest(altered('issued', change))).toThrow(message)
  })

  it.each([null, 7, 'text', []])('that is no object at all (%s) is refused', (raw) => {
    expect(() => projectRequest(raw)).toThrow('the value must be an object')
  })
})
