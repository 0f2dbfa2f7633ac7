import { describe, expect, it } from 'vitest'
import type { RequestObservation } from '../../../src/ledger/issuance/observations.ts'
import { attributes } from '../../../src/traces/attributes.ts'
import { rotationIds } from '../../../src/traces/ids.ts'
import { rotationSpans, servedSpans, type Mount } from '../../../src/traces/rotation.ts'
import { spanNames } from '../../../src/traces/spanNames.ts'
import type { SpanGroup } from '../../../src/traces/spans.ts'
import { epochMs, request, svid } from '../../support/observations.ts'

const issued = (overrides: Partial<RequestObservation> = {}) =>
  request({ approvedMs: epochMs + 2_000, concludedMs: epochMs + 5_000, ...overrides })

const mount: Mount = { place: { volume: 'spiffe', node: 'node-1' }, at: { ms: epochMs + 5_250, source: 'file' } }

const spansOf = (one: RequestObservation, withMount?: Mount) =>
  rotationSpans({ request: one, observedMs: epochMs + 9_999, mount: withMount })

/** Each span: its name, start and end in ms after the epoch of the tests, and what went wrong. */
const inShort = ({ spans }: SpanGroup) =>
  spans.map(({ name, startMs, endMs, error }) =>
    [name, startMs - epochMs, endMs - epochMs, ...(error === undefined ? [] : [error])].join(' '),
  )

describe('the spans of a rotation', () => {
  it.each<[string, RequestObservation, Mount | undefined, string[]]>([
    [
      'reach from the request over the approval and the certificate to the file',
      issued(),
      mount,
      ['svid.rotation 0 5000', 'svid.approval 0 2000', 'svid.issuance 2000 5000', 'svid.mount 5000 5250'],
    ],
    [
      'end at the certificate where nobody sees the file',
      issued(),
      undefined,
      ['svid.rotation 0 5000', 'svid.approval 0 2000', 'svid.issuance 2000 5000'],
    ],
    [
      'end with the denial',
      request({ state: 'denied', reason: 'denied_spiffe_id', message: 'not yours', concludedMs: epochMs + 1_000 }),
      undefined,
      ['svid.rotation 0 1000 not yours', 'svid.approval 0 1000 not yours'],
    ],
    [
      'end with the failure of the issuer, and say why by the code where it says nothing',
      request({ state: 'failed', reason: 'failed_signing', concludedMs: epochMs + 3_000 }),
      undefined,
      ['svid.rotation 0 3000 failed_signing', 'svid.approval 0 1', 'svid.issuance 0 3000 failed_signing'],
    ],
    [
      'never end before they start, whatever the clocks of the cluster say',
      issued({ approvedMs: epochMs - 1_000 }),
      { ...mount, at: { ms: epochMs + 4_000, source: 'file' } },
      ['svid.rotation 0 5000', 'svid.approval 0 1', 'svid.issuance -1000 5000', 'svid.mount 5000 5001'],
    ],
  ])('%s', (_, one, withMount, expected) => {
    expect(inShort(spansOf(one, withMount))).toEqual(expected)
  })

  it('are one trace below one span', () => {
    const { spans } = spansOf(issued(), mount)
    const [root, ...steps] = spans
    expect(root).toMatchObject(rotationIds('request-1'))
    expect(root?.traceId).toMatch(/^[0-9a-f]{32}$/)
    expect(root?.spanId).toMatch(/^[0-9a-f]{16}$/)
    for (const { traceId, parentSpanId } of steps)
      expect([traceId, parentSpanId]).toEqual([root?.traceId, root?.spanId])
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(4)
  })

  it('are the same whenever they are made, and others for another request', () => {
    expect(spansOf(issued(), mount)).toEqual(spansOf(issued(), mount))
    expect(spansOf(issued({ uid: 'request-2' })).spans[0]?.traceId).not.toBe(spansOf(issued()).spans[0]?.traceId)
  })

  it('have another id for another time of the mount, so that no id has two contents', () => {
    const again = { ...mount, at: { ...mount.at, ms: mount.at.ms + 1 } }
    const [first, second] = [spansOf(issued(), mount).spans, spansOf(issued(), again).spans]
    expect(second.slice(0, 3)).toEqual(first.slice(0, 3))
    expect(second[3]?.spanId).not.toBe(first[3]?.spanId)
  })

  it('say where their times come from', () => {
    const { spans } = rotationSpans({
      request: issued(),
      observedMs: epochMs,
      mount: { ...mount, at: { ms: epochMs + 6_000, source: 'observed' } },
    })
    expect(spans.at(-1)?.attributes).toMatchObject({
      'svidwatch.start.source': 'object',
      'svidwatch.end.source': 'observed',
    })
  })

  it('take the time at which the end was observed where the object has none', () => {
    const { concludedMs, ...timeless } = issued()
    expect(concludedMs).toBeDefined()
    const [root] = spansOf(timeless).spans
    expect([root?.endMs, root?.attributes['svidwatch.end.source']]).toEqual([epochMs + 9_999, 'observed'])
  })

  it('tell who asked whom for what, and what came of it', () => {
    const [root, , , mounted] = spansOf(issued({ svid: svid() }), mount).spans
    expect(root?.attributes).toEqual({
      'k8s.namespace.name': 'team-a',
      'k8s.pod.name': 'web-1',
      'k8s.pod.uid': 'pod-1',
      'spiffe.attestation.method': 'cert-manager',
      'spiffe.id': 'spiffe://example.org/ns/team-a/sa/web',
      'spiffe.svid.not_after': '2026-01-01T01:00:00.000Z',
      'spiffe.svid.ttl': 3600,
      'spiffe.trust.domain': 'example.org',
      'svidwatch.end.source': 'object',
      'svidwatch.issuer': 'ClusterIssuer/spiffe-ca',
      'svidwatch.request.name': 'request-1',
      'svidwatch.request.uid': 'request-1',
      'svidwatch.result': 'issued',
      'svidwatch.start.source': 'object',
    })
    expect(mounted?.attributes).toMatchObject({ 'k8s.node.name': 'node-1', 'k8s.volume.name': 'spiffe' })
  })

  it('are cut to a day, and tell their true start', () => {
    const waited = issued({ createdMs: epochMs - 25 * 3_600_000, approvedMs: epochMs - 25 * 3_600_000 })
    const [root, approval] = spansOf(waited).spans
    expect(root).toMatchObject({
      startMs: epochMs + 5_000 - 24 * 3_600_000,
      attributes: { 'svidwatch.began': '2025-12-30T23:00:00.000Z' },
    })
    expect(approval?.attributes['svidwatch.began']).toBeUndefined()
  })

  it('have only attributes and names that are declared, each where it is declared', () => {
    const groups = [
      spansOf(issued(), mount),
      spansOf(request({ state: 'denied', reason: 'denied_policy', concludedMs: epochMs })),
      spansOf(request({ state: 'failed', reason: 'failed_other', concludedMs: epochMs })),
    ]
    for (const { name, attributes: given } of groups.flatMap(({ spans }) => spans)) {
      expect(Object.keys(spanNames)).toContain(name)
      for (const attribute of Object.keys(given)) {
        expect(attributes).toHaveProperty([attribute])
        expect(attributes[attribute as keyof typeof attributes].on).toContain(name)
      }
    }
  })

  it('count as a failure unless an SVID was issued', () => {
    expect(spansOf(issued()).isFailure).toBe(false)
    expect(spansOf(request({ state: 'failed', reason: 'failed_other' })).isFailure).toBe(true)
  })
})

describe('the span of a server that presents the SVID', () => {
  const presented = {
    requestUid: 'request-1',
    place: { namespace: 'team-a', pod: 'web-1', volume: 'spiffe', node: 'node-1' },
    port: 8443,
    issuedMs: epochMs + 5_000,
    mountedMs: epochMs + 5_250,
    seenMs: epochMs + 20_000,
  }

  it('reaches from the file to the probe, in the trace of the rotation', () => {
    const group = servedSpans(presented)
    expect(inShort(group)).toEqual(['svid.served 5250 20000'])
    expect(group.spans[0]).toMatchObject({
      traceId: rotationIds('request-1').traceId,
      parentSpanId: rotationIds('request-1').spanId,
      attributes: { 'server.port': 8443, 'svidwatch.start.source': 'file', 'svidwatch.end.source': 'observed' },
    })
  })

  it('begins with the certificate where nobody knows when the file was written', () => {
    const group = servedSpans({ ...presented, mountedMs: undefined })
    expect(inShort(group)).toEqual(['svid.served 5000 20000'])
    expect(group.spans[0]?.attributes).toMatchObject({ 'svidwatch.start.source': 'object' })
  })

  it('has another id at another time', () => {
    const ids = [presented, { ...presented, seenMs: epochMs + 30_000 }].map((one) => servedSpans(one).spans[0]?.spanId)
    expect(new Set(ids).size).toBe(2)
  })
})
