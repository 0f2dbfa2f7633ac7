import { expect, test } from 'vitest'
import { caCertificatesOf } from '../../../src/identity/certificate.ts'
import { keyOf, names, pemOf, uri } from '../../../tools/verdicts/certificateBuilder.ts'
import { caExtensions, root } from '../../../tools/verdicts/svidParts.ts'

/** Returns what is read, in the order of the sources. */
function read(...sources: readonly (string | Buffer)[]) {
  const certificates = caCertificatesOf(sources, 1)
  return 'problem' in certificates ? expect.fail(certificates.detail) : certificates
}

const numbered = (number: number) => root({ key: keyOf(`ca ${number}`) })
/** A certificate whose names have so many octets. */
const large = (octets: number, from = '2020-01-01') =>
  root({ from, extensions: [...caExtensions, names(uri(`spiffe://example.org/${'a'.repeat(octets)}`))] })

test('a CA certificate of a file is parsed once', () => {
  const pem = pemOf([numbered(1)])
  expect(read(pem)[0]).toBe(read(pem)[0])
})

test('what servers present is not kept, and pushes out nothing that is', () => {
  const pem = pemOf([numbered(2)])
  const [kept] = read(pem)
  const presented = Array.from({ length: 600 }, (_, index) => numbered(1000 + index))
  const [first] = read(...presented)
  expect(read(...presented)[0]).not.toBe(first)
  expect(read(pem)[0]).toBe(kept)
})

test('a certificate that is far larger than those of CAs is not kept', () => {
  const pem = pemOf([large(60_000)])
  expect(read(pem)[0]).not.toBe(read(pem)[0])
})

test('no more than a mebibyte of certificates is kept', () => {
  const pems = Array.from({ length: 300 }, (_, day) => {
    const date = new Date(Date.UTC(2020, 0, 1 + day)).toISOString().slice(0, 10)
    return pemOf([large(4000, date)])
  })
  const before = read(...pems)
  const after = read(...pems.toReversed()).toReversed()
  const kept = pems.filter((_, index) => before[index] === after[index])
  expect(kept.length).toBeGreaterThan(0)
  expect(kept.join('').length).toBeLessThanOrEqual(1_048_576)
})
