import { describe, expect, it } from 'vitest'
import type { Ledger } from '../../../../src/ledger/ledger.ts'
import type { Observation } from '../../../../src/ledger/observations.ts'
import type { RequestObservation } from '../../../../src/ledger/issuance/observations.ts'
import { change, epochMs, request, requestList, svid } from '../../../support/observations.ts'
import { gone, hour, pending, watch, watchWithin } from '../../../support/watchedLedger.ts'

const shown = (ledger: Ledger) =>
  [...ledger.issuers()].map(({ trust_domain, issuer, chain }) => [
    trust_domain,
    issuer,
    (chain?.notAfterMs ?? NaN) - epochMs,
  ])

/** An issued request with a chain that ends that long after the epoch. */
const signed = (uid: string, beganAfterMs: number, chainEndsAfterMs: number, issuer = 'ClusterIssuer/spiffe-ca') =>
  request({
    uid,
    issuer,
    svid: svid({
      notBeforeMs: epochMs + beganAfterMs,
      chain: { notBeforeMs: epochMs, notAfterMs: epochMs + chainEndsAfterMs },
    }),
  })

const other = (uid: string): RequestObservation => signed(uid, 0, 9 * hour, 'ClusterIssuer/other')
const until = (afterMs: number) => [['example.org', 'ClusterIssuer/spiffe-ca', afterMs]]

describe('the end of the chain behind an issuer', () => {
  it.each<[string, Observation[], unknown[]]>([
    [
      'is that of its newest SVID',
      requestList('9', signed('a', 1, 10), signed('b', 3, 30), signed('c', 2, 20)),
      until(30),
    ],
    [
      'is known once its pending request is issued',
      [...requestList('9', pending('a', '5')), change('modified', { ...signed('a', 1, 10), resourceVersion: '10' })],
      until(10),
    ],
    ['is not known before it has issued', requestList('9', pending('a', '5')), []],
    [
      'stays while its only request waits and its issued one was deleted',
      [...requestList('9', signed('a', 1, 10)), change('added', pending('b', '10')), gone('a')],
      until(10),
    ],
    [
      'stays while its only request waits and its issued one is not listed again',
      [...requestList('9', signed('a', 1, 10)), ...requestList('20', pending('b', '10'))],
      until(10),
    ],
    ['goes when no request names it', [...requestList('9', signed('a', 1, 10)), gone('a')], []],
    [
      'comes back with a request that names it',
      [...requestList('9', signed('a', 1, 10)), gone('a'), change('added', pending('b', '1000'))],
      until(10),
    ],
    [
      'goes when only other issuers are named',
      [...requestList('9', signed('a', 1, 10)), gone('a'), change('added', other('b'))],
      [['example.org', 'ClusterIssuer/other', 9 * hour]],
    ],
  ])('%s', (_, observations, expected) => {
    expect(shown(watch(...observations).ledger)).toEqual(expected)
  })

  it('stays when it has passed, as long as requests name the issuer', async () => {
    const { ledger, clock } = watch(...requestList('9', signed('a', 0, hour)))
    await clock.advance(2 * hour)
    expect(shown(ledger)).toEqual(until(hour))
  })

  it('is told of no more issuers than the limit, so that nobody can make up series', () => {
    const made = Array.from({ length: 11 }, (_, index) => {
      const trustDomain = `domain-${index}.test`
      return request({ uid: `r${index}`, trustDomain, svid: svid({ trustDomain }) })
    })
    expect([...watch(...requestList('9', ...made)).ledger.issuers()]).toHaveLength(10)
  })

  it.each([
    ['no room until a day has passed', 24 * hour - 1, []],
    ['room after a day', 24 * hour, [['example.org', 'ClusterIssuer/other', 9 * hour]]],
  ])('leaves %s, where no request names the issuer any more', async (_, afterMs, expected) => {
    const { ledger, clock } = watchWithin(1, ...requestList('9', signed('a', 0, 99 * hour)), gone('a'))
    await clock.advance(afterMs)
    ledger.forgetOld()
    expect(shown(ledger)).toEqual([])
    ledger.report(change('added', other('b')))
    expect(shown(ledger)).toEqual(expected)
  })
})

describe('when an issuer last issued', () => {
  const lastIssued = (...observations: Observation[]) =>
    [...watch(...observations).ledger.issuers()].map(({ lastIssuedMs }) => lastIssuedMs - epochMs)
  const issuedAfter = (uid: string, ms: number, beganAfterMs = 0) =>
    request({ uid, concludedMs: epochMs + ms, svid: svid({ notBeforeMs: epochMs + beganAfterMs }) })

  it.each<[string, Observation[], number[]]>([
    ['is when its last request was issued', requestList('9', issuedAfter('a', 1), issuedAfter('b', 3)), [3]],
    [
      'is told by the last one, whichever SVID begins last',
      requestList('9', issuedAfter('a', 3), issuedAfter('b', 1, 5)),
      [3],
    ],
    [
      'stays known when that request is gone',
      [...requestList('9', issuedAfter('a', 1), issuedAfter('b', 3)), gone('b')],
      [3],
    ],
    ['is not moved by requests that wait', requestList('9', issuedAfter('a', 1), pending('b', '5')), [1]],
    ['is unknown before the first', requestList('9', pending('b', '5')), []],
  ])('%s', (_, observations, expected) => {
    expect(lastIssued(...observations)).toEqual(expected)
  })

  it('is told of an issuer that tells no chain', () => {
    const { chain, ...unchained } = svid()
    expect(chain).toBeDefined()
    expect([...watch(...requestList('9', request({ svid: unchained }))).ledger.issuers()]).toMatchObject([
      { lastIssuedMs: epochMs, chain: undefined },
    ])
  })
})

it('an issuer is known with the authority of its newest SVID', () => {
  const a = { ...signed('a', 1, 10), authorityKeyId: 'a'.repeat(40) }
  const b = { ...signed('b', 2, 20), authorityKeyId: 'b'.repeat(40) }
  const authorities = (...requests: readonly RequestObservation[]) =>
    [...watch(...requestList('9', ...requests)).ledger.issuers()].map(({ authorityKeyId }) => authorityKeyId)
  expect(authorities(a)).toEqual(['a'.repeat(40)])
  expect(authorities(a, b)).toEqual(['b'.repeat(40)])
  expect(authorities(b, a)).toEqual(['b'.repeat(40)])
  expect(authorities(a, signed('c', 3, 30))).toEqual([undefined])
})
