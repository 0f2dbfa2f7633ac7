import { expect, it } from 'vitest'
import { nearest } from '../../../src/config/nearest.ts'

const words = ['port', 'probePort', 'address']

it.each([
  ['prt', 'port'],
  ['probeport', 'probePort'],
  ['probe_port', 'probePort'],
  ['adress', 'address'],
  ['host', undefined],
  ['', undefined],
  ['p'.repeat(100_000), undefined],
])('%.20s probably means %s', (given, meant) => {
  expect(nearest(given, words)).toBe(meant)
})
