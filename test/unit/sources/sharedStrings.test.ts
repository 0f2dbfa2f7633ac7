import { expect, test } from 'vitest'
import { intern, internList } from '../../../src/sources/sharedStrings.ts'

test('equal texts and lists stay equal, whatever else has come', () => {
  for (let index = 0; index < 10_000; index += 1) {
    expect(intern(`text-${index % 5000}`)).toBe(`text-${index % 5000}`)
    expect(internList([`one-${index % 5000}`, 'two'])).toEqual([`one-${index % 5000}`, 'two'])
  }
})

test('lists that differ only in where a name ends are told apart', () => {
  expect(internList(['a,b'])).toEqual(['a,b'])
  expect(internList(['a', 'b'])).toEqual(['a', 'b'])
  expect(internList(['a"', '"b'])).toEqual(['a"', '"b'])
})

test('equal lists are one object, which is what it is for; long ones are left as they are', () => {
  expect(internList(['spiffe'])).toBe(internList(['spiffe']))
  expect(internList([{ name: 'spiffe' }])).toBe(internList([{ name: 'spiffe' }]))
  expect(internList([{ name: 'spiffe' }])).not.toBe(internList([{ name: 'tls' }]))
  const long = Array.from({ length: 100 }, (_, index) => `volume-${index}`)
  expect(internList(long)).toBe(long)
  expect(internList([...long])).not.toBe(long)
})

test('no more than a bounded number is remembered', () => {
  const first = internList(['remembered'])
  for (let index = 0; index < 10_000; index += 1) internList([`other-${index}`])
  expect(internList(['remembered'])).not.toBe(first)
})
