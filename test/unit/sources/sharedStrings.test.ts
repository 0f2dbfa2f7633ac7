import { expect, test } from 'vitest'
import { shared, sharedList } from '../../../src/sources/sharedStrings.ts'

test('equal texts and lists stay equal, whatever else has come', () => {
  for (let index = 0; index < 10_000; index += 1) {
    expect(shared(`text-${index % 5000}`)).toBe(`text-${index % 5000}`)
    expect(sharedList([`one-${index % 5000}`, 'two'])).toEqual([`one-${index % 5000}`, 'two'])
  }
})

test('lists that differ only in where a name ends are told apart', () => {
  expect(sharedList(['a,b'])).toEqual(['a,b'])
  expect(sharedList(['a', 'b'])).toEqual(['a', 'b'])
  expect(sharedList(['a"', '"b'])).toEqual(['a"', '"b'])
})

test('equal lists are one object, which is what it is for; long ones are left as they are', () => {
  expect(sharedList(['spiffe'])).toBe(sharedList(['spiffe']))
  expect(sharedList([{ name: 'spiffe' }])).toBe(sharedList([{ name: 'spiffe' }]))
  expect(sharedList([{ name: 'spiffe' }])).not.toBe(sharedList([{ name: 'tls' }]))
  const long = Array.from({ length: 100 }, (_, index) => `volume-${index}`)
  expect(sharedList(long)).toBe(long)
  expect(sharedList([...long])).not.toBe(long)
})

test('no more than a bounded number is remembered', () => {
  const first = sharedList(['remembered'])
  for (let index = 0; index < 10_000; index += 1) sharedList([`other-${index}`])
  expect(sharedList(['remembered'])).not.toBe(first)
})
