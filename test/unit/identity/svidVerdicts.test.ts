import { expect, test } from 'vitest'
import { caCertificatesOf } from '../../../src/identity/certificate.ts'
import { verdictOf } from '../../../src/identity/verification.ts'
import { svidChainFromDer } from '../../../src/identity/x509Svid.ts'
import { fixtureText } from '../../support/fixtures.ts'

/** An SVID and a trust bundle, and what tools/verdicts has recorded of them. Certificates are DER in base64, the leaf first. */
interface Case {
  readonly name: string
  readonly at: string
  readonly chain: readonly string[]
  readonly bundle: readonly string[]
  /** Why a workload does not load the SVID, and why a peer refuses it. */
  readonly goSpiffe: { readonly load?: string; readonly verify?: string }
  readonly openssl: { readonly server?: string; readonly client?: string }
  readonly says: string
  readonly differ?: { readonly follows: 'go-spiffe' | 'OpenSSL' }
}

const { cases } = JSON.parse(fixtureText('verdicts/svids.json')) as { readonly cases: readonly Case[] }

const bytesOf = (certificates: readonly string[]) => certificates.map((one) => Buffer.from(one, 'base64'))

/** What is said here of an SVID at a time. */
function saidOf({ at, chain, bundle }: Case): string {
  const read = svidChainFromDer(bytesOf(chain))
  if ('problem' in read) return read.problem
  const authorities = caCertificatesOf(bytesOf(bundle), 1)
  if ('problem' in authorities) return expect.fail('the bundle cannot be read')
  const verdict = verdictOf(read.chain, authorities)
  if ('refusal' in verdict) return verdict.refusal
  const periods = [read.svid, verdict.period]
  if (periods.some(({ notAfterMs }) => Date.parse(at) > notAfterMs)) return 'expired'
  return periods.some(({ notBeforeMs }) => Date.parse(at) < notBeforeMs) ? 'not_yet_valid' : 'accepted'
}

const acceptedBy = ({ goSpiffe, openssl }: Case) => ({
  'go-spiffe': goSpiffe.load === undefined && goSpiffe.verify === undefined,
  OpenSSL: openssl.server === undefined && openssl.client === undefined,
})

test.each(cases)('$name: $says', (one) => expect(saidOf(one)).toBe(one.says))

test('what go-spiffe and OpenSSL agree on is said here too, and else what the one says that is followed', () => {
  const others = cases.filter((one) => {
    const accepted = acceptedBy(one)
    return accepted[one.differ?.follows ?? 'go-spiffe'] !== (saidOf(one) === 'accepted')
  })
  expect(others.map(({ name }) => name)).toEqual([])
})

test('a reason is given where go-spiffe and OpenSSL differ, and only there', () => {
  const others = cases.filter((one) => {
    const accepted = acceptedBy(one)
    return (accepted['go-spiffe'] !== accepted.OpenSSL) !== (one.differ !== undefined)
  })
  expect(others.map(({ name }) => name)).toEqual([])
  expect(cases.length).toBeGreaterThanOrEqual(60)
})
