import fc from 'fast-check'
import { expect, test } from 'vitest'
import { certificateBlocks, plainDer } from '../../../src/identity/pem.ts'

const begin = '-----BEGIN CERTIFICATE-----'
const end = '-----END CERTIFICATE-----'

const inLines = (base64: string, length = 64) => base64.replaceAll(new RegExp(`.{${length}}(?=.)`, 'g'), '$&\n')
const blockOf = (der: Uint8Array) => `${begin}\n${inLines(Buffer.from(der).toString('base64'))}\n${end}`

/** What RFC 7468 section 3 tells to write, as a pattern. */
function derByPattern(block: string): Buffer | undefined {
  const [, base64 = ''] =
    new RegExp(`^${begin}\n((?:[A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/]{1,64}={0,2}\n)${end}$`).exec(block) ?? []
  const symbols = base64.replaceAll('\n', '')
  const isWhole = symbols !== '' && symbols.length % 4 === 0 && !/\n.{65,}\n$/.test(`\n${base64}`)
  return isWhole ? Buffer.from(symbols, 'base64') : undefined
}

test('the DER of any length, in a block as it is told to be written', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (der) => {
      expect(plainDer(blockOf(der))).toEqual(Buffer.from(der))
    }),
    { numRuns: 500 },
  )
})

const der = Buffer.from(Array.from({ length: 96 }, (_, index) => index))

test.each([
  ['lines of 76 characters', `${begin}\n${inLines(der.toString('base64'), 76)}\n${end}`],
  ['one long line', `${begin}\n${der.toString('base64')}\n${end}`],
  ['an empty line at its end', blockOf(der).replace(end, `\n${end}`)],
  ['an empty line at its beginning', blockOf(der).replace('\n', '\n\n')],
  ['Windows line ends', blockOf(der).replaceAll('\n', '\r\n')],
  ['no line end before its end', blockOf(der).replace(`\n${end}`, end)],
  ['nothing in it', `${begin}\n${end}`],
  ['an empty line in it', `${begin}\n\n${end}`],
  ['a character too few', blockOf(der).replace(`\n${end}`, `\n${end}`).replace(/.\n-/, '\n-')],
  ['padding in the middle', blockOf(der).replace('AAECAwQF', 'AA==AwQF')],
])('a block with %s is left to others', (_, block) => {
  expect(plainDer(block)).toBeUndefined()
})

test('a block in which one character was changed, removed or put in is read as the standard tells to, or not at all', () => {
  const block = blockOf(der)
  const changed = ['', 'A', '=', '/', '+', ' ', '\n', '\r', '\t', '\u2028', '\u00a0', '\ufeff']
  for (let at = begin.length; at < block.length - end.length; at += 1) {
    for (const removed of [0, 1]) {
      for (const put of changed) {
        const damaged = block.slice(0, at) + put + block.slice(at + removed)
        if ('problem' in certificateBlocks(damaged, 1)) continue
        expect(plainDer(damaged), JSON.stringify(damaged)).toEqual(derByPattern(damaged))
      }
    }
  }
})
