import fc from 'fast-check'
import { expect, test } from 'vitest'
import { certificateBlocks, plainDer } from '../../../src/identity/pem.ts'

const begin = '-----BEGIN CERTIFICATE-----'
const end = '-----END CERTIFICATE-----'

const inLines = (base64: string, length = 64) => base64.replaceAll(new RegExp(`.{${length}}(?=.)`, 'g'), '$&\n')
const blockOf = (der: Uint8Array) => `${begin}\n${inLines(Buffer.from(der).toString('base64'))}\n${end}`

const der = Buffer.from(Array.from({ length: 96 }, (_, index) => index))

/** What RFC 7468 section 3 tells to write, as a pattern. */
function derByPattern(block: string): Buffer | undefined {
  const [, base64 = ''] =
    new RegExp(`^${begin}\n((?:[A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/]{1,64}={0,2}\n)${end}$`).exec(block) ?? []
  const symbols = base64.replaceAll('\n', '')
  const isWhole = symbols !== '' && symbols.length % 4 === 0 && !/\n.{65,}\n$/.test(`\n${base64}`)
  return isWhole ? Buffer.from(symbols, 'base64') : undefined
}

test.each([
  [
    'a block that begins on the END line before it',
    (block: string) => block + block,
    'certificate 1 has an END line of another type, or with other text on it',
  ],
  [
    'text behind END',
    (block: string) => `${block} web\n`,
    'certificate 1 has an END line of another type, or with other text on it',
  ],
  ['no END', (block: string) => `${block}\n${block.slice(0, 60)}`, 'certificate 2 has no END line'],
  [
    'a byte order mark',
    (block: string) => `\ufeff${block}`,
    'certificate 1 comes after a byte order mark, which Go does not skip',
  ],
  [
    'an odd character behind BEGIN',
    (block: string) => block.replace('\n', '\u00a0\n'),
    'certificate 1 has characters behind BEGIN that Go does not skip',
  ],
  ['a comment in it', (block: string) => block.replace('\n', '\n# web\n'), 'certificate 1 is not base64'],
  ['a blank line at its end', (block: string) => block.replace(end, `\n${end}`), 'certificate 1 is not base64'],
  [
    'an older type',
    (block: string) => block.replaceAll('CERT', 'X509 CERT'),
    'a block of another type has the type X509 CERTIFICATE, which Go skips',
  ],
  [
    'a broken key before it',
    (block: string) => `-----BEGIN KEY-----\n?\n-----END KEY-----\n${block}`,
    'a block of another type is not base64',
  ],
  ['indentation', (block: string) => block.replaceAll(/^/gm, ' '), 'no PEM block of type CERTIFICATE'],
])('a text with %s is malformed', (_, change, detail) => {
  expect(certificateBlocks(change(blockOf(der)), 3)).toEqual({ problem: 'malformed_pem', detail })
})

test('text and blocks of other types around certificates are skipped', () => {
  const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n'
  const key = `-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES\n\n${inLines(der.toString('base64'))}\n-----END EC PRIVATE KEY-----\n`
  const block = blockOf(der)
  expect(certificateBlocks(`subject: web\n${parameters}${block}\nissuer\n${key}${block}\nend`, 2)).toEqual([
    block,
    block,
  ])
})

test('the DER of any length, in a block as it is told to be written', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (der) => {
      expect(plainDer(blockOf(der))).toEqual(Buffer.from(der))
    }),
    { numRuns: 500 },
  )
})

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
