import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maxKeyIdLength } from '../../../src/identity/authority.ts'
import { maxAuthorities, type TrustBundle } from '../../../src/identity/trustBundle.ts'
import { refusals, type Refusal, type Verdict } from '../../../src/identity/verdict.ts'
import type { Reading } from '../../../src/ledger/workloads/observations.ts'
import { readProblems, type ReadProblem } from '../../../src/ledger/workloads/reasons.ts'
import { troubleReasons, type TroubleReason } from '../../../src/ledger/sight/reasons.ts'
import { maxLineBytes } from '../../../src/nodeStream/contract.ts'
import { decodeLine, encodeLine, type StreamLine } from '../../../src/nodeStream/lines.ts'
import { authority as authorityOf, bundleOf, mounted as mountedOf, svid as svidOf } from '../../support/observations.ts'

const svid = svidOf({ fingerprint: 'ab'.repeat(32) })
const mounted = mountedOf({ reading: { svid } })
const line = { type: 'mounted', mounted } as const

const timeMs = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_000 })
const text = fc
  .string({ unit: fc.constantFrom('a', 'Z', ' ', '"', '\\', '/', 'é', '😀'), maxLength: 1_000 })
  .filter((some) => some.length <= 1_000)
const segment = fc.stringMatching(/^[A-Za-z0-9_-]{1,60}$/)
const fingerprint = fc.stringMatching(/^[0-9a-f]{64}$/)
const keyId = fc.stringMatching(/^[0-9a-f]{1,64}$/)
const podUid = fc.uuid()
const volume = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)

const anySvid = fc
  .record(
    {
      notBeforeMs: timeMs,
      notAfterMs: timeMs,
      fingerprint,
      chain: fc.record({ notBeforeMs: timeMs, notAfterMs: timeMs }),
      authorityKeyId: keyId,
    },
    { requiredKeys: ['notBeforeMs', 'notAfterMs', 'fingerprint'] },
  )
  .chain((rest) =>
    fc.array(segment, { minLength: 1, maxLength: 30 }).map((path) => ({
      ...rest,
      spiffeId: `spiffe://example.org/${path.join('/')}`,
      trustDomain: 'example.org',
    })),
  )
const anyReading: fc.Arbitrary<Reading> = fc.oneof(
  anySvid.map((one) => ({ svid: one })),
  fc.record({ problem: fc.constantFrom(...(Object.keys(readProblems) as ReadProblem[])), detail: text }),
)
/** As trustFromPem makes them: of a large one not all authorities are told. */
const anyBundle: fc.Arbitrary<TrustBundle> = fc
  .record({
    authorities: fc.array(fc.record({ fingerprint, keyId, notBeforeMs: timeMs, notAfterMs: timeMs }), {
      minLength: 1,
      maxLength: maxAuthorities,
    }),
    more: fc.nat(),
    newestNotAfterMs: timeMs,
  })
  .map(({ authorities, more, newestNotAfterMs }) => ({
    certificates: authorities.length + (authorities.length === maxAuthorities ? more : 0),
    authorities,
    newestNotAfterMs,
  }))
const anyVerdict: fc.Arbitrary<Verdict> = fc.oneof(
  fc.record({ authority: fingerprint, period: fc.record({ notBeforeMs: timeMs, notAfterMs: timeMs }) }),
  fc.record({ refusal: fc.constantFrom(...(Object.keys(refusals) as Refusal[])), detail: text }),
)
const anyLine: fc.Arbitrary<StreamLine> = fc.oneof(
  fc.constantFrom<StreamLine[]>({ type: 'snapshot' }, { type: 'synced' }, { type: 'sighted' }, { type: 'heartbeat' }),
  fc.record({ type: fc.constant('unmounted' as const), podUid, volume }),
  fc.record({
    type: fc.constant('blind' as const),
    reason: fc.constantFrom(...(Object.keys(troubleReasons) as TroubleReason[])),
    detail: text,
  }),
  fc.record({
    type: fc.constant('mounted' as const),
    mounted: fc.record(
      {
        podUid,
        volume,
        reading: anyReading,
        writtenMs: timeMs,
        bundle: anyBundle,
        verdict: anyVerdict,
        mountBirthMs: timeMs,
      },
      { requiredKeys: ['podUid', 'volume', 'reading', 'mountBirthMs'] },
    ),
  }),
)

/** A line whose detail has lost the spaces that it does not keep. */
const collapsed = (said: StreamLine): unknown =>
  JSON.parse(JSON.stringify(said), (name, value: unknown) =>
    name === 'detail' ? String(value).replaceAll(/ +/g, ' ').trim() : value,
  )

describe('a line', () => {
  it('says the same after its way over the wire', () => {
    fc.assert(
      fc.property(anyLine, (said) => {
        const encoded = encodeLine(said)
        expect(encoded.indexOf('\n')).toBe(encoded.length - 1)
        expect(Buffer.byteLength(encoded)).toBeLessThanOrEqual(maxLineBytes)
        expect(decodeLine(encoded.trimEnd())).toEqual(collapsed(said))
      }),
    )
  })

  it('is never longer than a line may be, whatever a file or an error says', () => {
    const detail = '\u0001'.repeat(100_000)
    const reading = { problem: 'unreadable', detail } as const
    const lastMs = Date.parse('9999-12-31T23:59:59.999Z')
    const authorities = Array.from({ length: maxAuthorities }, (_, index) => ({
      fingerprint: String(index).padStart(64, '0'),
      keyId: String(index).padStart(maxKeyIdLength, '0'),
      ...{ notBeforeMs: lastMs, notAfterMs: lastMs },
    }))
    const bundle = { certificates: 1000, authorities, newestNotAfterMs: lastMs }
    const large = { ...mounted, podUid: 'p'.repeat(63), volume: 'v'.repeat(63), bundle }
    const encoded = encodeLine({ type: 'mounted', mounted: { ...large, reading } })
    expect(encoded.length).toBeLessThan(maxLineBytes)
    expect(decodeLine(encoded)).toEqual({
      ...line,
      mounted: { ...large, reading: { problem: 'unreadable', detail: '' } },
    })
    const spiffeId = `spiffe://${'d'.repeat(255)}/${'p'.repeat(2048 - 265)}`
    const long = { svid: { ...svid, spiffeId, trustDomain: 'd'.repeat(255) } }
    const known = encodeLine({ type: 'mounted', mounted: { ...large, reading: long } })
    expect(known.length).toBeLessThan(maxLineBytes)
    expect(decodeLine(known)).toEqual({ ...line, mounted: { ...large, reading: long } })
  })

  it('cannot begin another line, move a cursor or reorder what is shown', () => {
    const said = JSON.stringify({ type: 'blind', reason: 'unreadable', detail: 'a\nb\u001b[2Jc\u202ed' })
    expect(decodeLine(said)).toEqual({ type: 'blind', reason: 'unreadable', detail: 'a b [2Jc d' })
  })

  it('may say more than is known, which is left out', () => {
    expect(decodeLine(JSON.stringify({ ...line, mounted: { ...mounted, colour: 'red' }, since: 1 }))).toEqual(line)
    expect(decodeLine('{"type":"moved","from":1}')).toEqual({ type: 'unknown' })
    expect(decodeLine('{"type":"constructor"}')).toEqual({ type: 'unknown' })
  })

  it('may have a reason code that only later releases have: it is unreadable', () => {
    const reading = { problem: 'moonstruck', detail: 'the moon' }
    const unreadable = { problem: 'unreadable', detail: 'the moon' }
    expect(decodeLine(JSON.stringify({ ...line, mounted: { ...mounted, reading } }))).toEqual({
      ...line,
      mounted: { ...mounted, reading: unreadable },
    })
    expect(decodeLine('{"type":"blind","reason":"constructor","detail":"d"}')).toEqual({
      type: 'blind',
      reason: 'unreadable',
      detail: 'd',
    })
  })

  it('may have a refusal that only later releases have: it is a refusal for another rule', () => {
    const said = { ...mounted, verdict: { refusal: 'moonstruck', detail: 'the moon' } }
    expect(decodeLine(JSON.stringify({ ...line, mounted: said }))).toEqual({
      ...line,
      mounted: { ...mounted, verdict: { refusal: 'refused_other', detail: 'the moon' } },
    })
  })

  it('may tell more of an authority, as later releases may', () => {
    const bundle = bundleOf(authorityOf('a'))
    const [first = authorityOf('a')] = bundle.authorities
    const later = { ...mounted, bundle: { ...bundle, authorities: [{ ...first, name: { colour: 'red' } }] } }
    expect(decodeLine(JSON.stringify({ ...line, mounted: later }))).toEqual({
      ...line,
      mounted: { ...mounted, bundle },
    })
  })

  it('has the trust domain that its SPIFFE ID names, whatever it says', () => {
    const lying = { ...mounted, reading: { svid: { ...svid, trustDomain: 'other.example' } } }
    expect(decodeLine(JSON.stringify({ ...line, mounted: lying }))).toEqual(line)
  })
})

describe('hostile lines', () => {
  const withSvid = (over: object) => ({ ...line, mounted: { ...mounted, reading: { svid: { ...svid, ...over } } } })
  const timeProblem = 'must be a time in whole milliseconds, of the years 1 to 9999'
  const told = { fingerprint: 'ab'.repeat(32), keyId: 'ab'.repeat(20), notBeforeMs: 0, notAfterMs: 1 }
  const bundle = { certificates: 1, authorities: [told], newestNotAfterMs: 0 }
  const withBundle = (over: object) => withMounted({ bundle: { ...bundle, ...over } })
  const withMounted = (over: object) => ({ ...line, mounted: { ...mounted, ...over } })

  it.each<[string, string]>([
    ['', 'it is not JSON'],
    ['{"type":"snapshot"', 'it is not JSON'],
    ['{"type":"snapshot"}{"type":"synced"}', 'it is not JSON'],
    ['['.repeat(8_000), 'it is not JSON'],
    ['null', 'it is not an object with a type'],
    ['[]', 'it is not an object with a type'],
    ['"snapshot"', 'it is not an object with a type'],
    ['{}', 'it is not an object with a type'],
    ['{"type":1}', 'it is not an object with a type'],
  ])('that are none: %s', (said, problem) => {
    expect(decodeLine(said)).toEqual({ problem })
  })

  it.each<[object, string]>([
    [{ type: 'unmounted', podUid: 'pod-1' }, 'volume: Invalid input: expected string, received undefined'],
    [{ type: 'unmounted', podUid: '../..', volume: 'v' }, 'podUid: must be the uid of a pod'],
    [{ type: 'unmounted', podUid: 'a'.repeat(64), volume: 'v' }, 'podUid: must be the uid of a pod'],
    [{ type: 'unmounted', podUid: 'pod-1', volume: 'V"\n' }, 'volume: must be the name of a volume'],
    [{ type: 'blind', reason: 'so bored', detail: '' }, 'reason: must be a reason code'],
    [{ type: 'blind', reason: 'timeout', detail: 'x'.repeat(1_001) }, 'detail: must be at most 1000 characters long'],
    [{ type: 'mounted' }, 'mounted: Invalid input: expected object, received undefined'],
    [withMounted({ mountBirthMs: '0' }), `mounted.mountBirthMs: ${timeProblem}`],
    [withMounted({ mountBirthMs: 1e300 }), `mounted.mountBirthMs: ${timeProblem}`],
    [withMounted({ writtenMs: -1e300 }), `mounted.writtenMs: ${timeProblem}`],
    [withBundle({ certificates: -1 }), 'mounted.bundle.certificates: must be a count'],
    [withBundle({ certificates: 0, authorities: [] }), 'mounted.bundle.certificates: must be a count'],
    [withBundle({ authorities: null }), 'mounted.bundle.authorities: must be a list of authorities'],
    [
      withBundle({ authorities: ['ab'] }),
      'mounted.bundle.authorities.0: Invalid input: expected object, received string',
    ],
    [
      withBundle({ authorities: [{ ...told, fingerprint: 'AB'.repeat(32) }] }),
      'mounted.bundle.authorities.0.fingerprint: must be a SHA-256 in lower-case hex',
    ],
    [
      withBundle({ authorities: [{ ...told, keyId: 'f'.repeat(65) }] }),
      'mounted.bundle.authorities.0.keyId: must be a key identifier of at most 64 characters of lower-case hex',
    ],
    [
      withBundle({ authorities: [{ ...told, notAfterMs: 1e300 }] }),
      `mounted.bundle.authorities.0.notAfterMs: ${timeProblem}`,
    ],
    [withBundle({ certificates: 2 }), 'mounted.bundle: must have an authority for each certificate, for 64 at most'],
    [
      withBundle({ certificates: 65, authorities: Array(65).fill(told) }),
      'mounted.bundle: must have an authority for each certificate, for 64 at most',
    ],
    [
      withMounted({ verdict: { authority: 'mine', period: { notBeforeMs: 0, notAfterMs: 0 } } }),
      'mounted.verdict.authority: must be a SHA-256 in lower-case hex',
    ],
    [
      withMounted({ verdict: { authority: 'ab'.repeat(32), period: { notBeforeMs: 0, notAfterMs: 1e300 } } }),
      `mounted.verdict.period.notAfterMs: ${timeProblem}`,
    ],
    [withMounted({ verdict: { refusal: 'a b', detail: '' } }), 'mounted.verdict.refusal: must be a reason code'],
    [withMounted({ reading: { problem: 'toString()', detail: '' } }), 'mounted.reading.problem: must be a reason code'],
    [
      withMounted({ reading: { problem: 'missing', detail: 1 } }),
      'mounted.reading.detail: Invalid input: expected string, received number',
    ],
    [
      withSvid({ spiffeId: 'spiffe://example.org' }),
      'mounted.reading.svid.spiffeId: must be the SPIFFE ID of a workload',
    ],
    [withSvid({ spiffeId: 'https://a/b' }), 'mounted.reading.svid.spiffeId: must be the SPIFFE ID of a workload'],
    [
      withSvid({ spiffeId: `spiffe://example.org/${'a'.repeat(2_048)}` }),
      'mounted.reading.svid.spiffeId: must be the SPIFFE ID of a workload',
    ],
    [withSvid({ notAfterMs: 1.5 }), `mounted.reading.svid.notAfterMs: ${timeProblem}`],
    [withSvid({ notAfterMs: null }), `mounted.reading.svid.notAfterMs: ${timeProblem}`],
    [withSvid({ notAfterMs: Number.MAX_SAFE_INTEGER }), `mounted.reading.svid.notAfterMs: ${timeProblem}`],
    [withSvid({ notBeforeMs: -62_135_596_800_001 }), `mounted.reading.svid.notBeforeMs: ${timeProblem}`],
    [
      withSvid({ chain: { notBeforeMs: 0, notAfterMs: 253_402_300_800_000 } }),
      `mounted.reading.svid.chain.notAfterMs: ${timeProblem}`,
    ],
    [
      withSvid({ authorityKeyId: '' }),
      'mounted.reading.svid.authorityKeyId: must be a key identifier of at most 64 characters of lower-case hex',
    ],
    [
      withSvid({ fingerprint: 'AB'.repeat(32) }),
      'mounted.reading.svid.fingerprint: must be a SHA-256 in lower-case hex',
    ],
  ])('that promise another thing: %j', (said, problem) => {
    expect(decodeLine(JSON.stringify(said))).toEqual({ problem })
  })

  it('cost a short problem at most', () => {
    const types = ['snapshot', 'mounted', 'unmounted', 'blind', 'x']
    const object = fc.tuple(fc.constantFrom(...types), fc.dictionary(fc.string(), fc.jsonValue()))
    const said = fc.oneof(
      fc.string(),
      fc.json(),
      object.map(([type, rest]) => JSON.stringify({ ...rest, type })),
    )
    fc.assert(
      fc.property(said, (some) => {
        const decoded = decodeLine(some)
        if ('problem' in decoded) expect(decoded.problem).toMatch(/^[ -~]{1,200}$/)
      }),
    )
  })
})
