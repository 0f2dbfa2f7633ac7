import fc from 'fast-check'
import { begin, bodyOf, changesInBlocks, charactersInBlocks, end, linesOf, type Case } from './chainBlocks.ts'

/** Ways in which a chain of two certificates in PEM is damaged, or written in another form. */
export function chainCases(leaf: string, ca: string): readonly Case[] {
  const chain = leaf + ca
  return [
    ...arrangements(leaf, ca),
    ...lineEnds(chain),
    ...charactersInBlocks(leaf, ca),
    ...textAround(leaf, ca),
    ...changesInBlocks(leaf, ca),
    ...truncations(chain),
    ...randomDamage(chain),
  ]
}

const named = (texts: Readonly<Record<string, string>>): readonly Case[] =>
  Object.entries(texts).map(([name, text]) => ({ name, text }))

const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n'
const encryptedKey =
  '-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00000000000000000000000000000000\n\n' +
  `${linesOf('AAAA'.repeat(30), 64)}-----END EC PRIVATE KEY-----\n`

function arrangements(leaf: string, ca: string): readonly Case[] {
  const empty = `${begin}\n${end}\n`
  const others = {
    'EC PARAMETERS': parameters,
    'an encrypted key': encryptedKey,
    'a key with headers and no blank line': encryptedKey.replace('\n\n', '\n'),
    'parameters that are not base64': parameters.replace('Bgg', 'B!g'),
    'parameters without END': parameters.replace(/-----END.*\n/, ''),
    'parameters with an END of another label': parameters.replace('END EC', 'END DSA'),
    'parameters without contents': parameters.replace('BggqhkjOPQMBBw==\n', ''),
    'an empty certificate': empty,
  }
  return [
    ...named({
      'as it should be': leaf + ca,
      'leaf alone': leaf,
      'ca alone': ca,
      'ca first': ca + leaf,
      'leaf twice': leaf + leaf + ca,
      'ca twice': leaf + ca + ca,
      nothing: '',
      'white space': ' \n\n',
      text: 'no certificate\n',
      'base64 without BEGIN': bodyOf(leaf),
    }),
    ...Object.entries(others).flatMap(([name, other]) =>
      named({
        [`${name} before`]: other + leaf + ca,
        [`${name} between`]: leaf + other + ca,
        [`${name} after`]: leaf + ca + other,
      }),
    ),
  ]
}

function lineEnds(chain: string): readonly Case[] {
  return named({
    'Windows line ends': chain.replaceAll('\n', '\r\n'),
    'old Mac line ends': chain.replaceAll('\n', '\r'),
    'both line ends': chain.replaceAll(/\n(?=-)/g, '\r\n'),
    'line ends twice': chain.replaceAll('\n', '\n\n'),
    'carriage returns twice': chain.replaceAll('\n', '\r\r\n'),
    'line ends of Unicode': chain.replaceAll('\n', '\u2028'),
    'no line ends': chain.replaceAll('\n', ''),
    'spaces for line ends': chain.replaceAll('\n', ' '),
    'line ends as in JSON': chain.replaceAll('\n', '\\n'),
    'no last line end': chain.slice(0, -1),
    'blocks on one line': chain.replace(`${end}\n`, end),
    'a space between blocks on one line': chain.replace(`${end}\n`, `${end} `),
    'spaces at line ends': chain.replaceAll('\n', '  \n'),
    'tabs at line ends': chain.replaceAll('\n', '\t\n'),
    indented: chain.replaceAll(/^(?=.)/gm, '  '),
    'indented contents': chain.replaceAll(/^(?=[A-Za-z0-9])/gm, '  '),
    'indented by tabs': chain.replaceAll(/^(?=[A-Za-z0-9])/gm, '\t'),
  })
}

function textAround(leaf: string, ca: string): readonly Case[] {
  const texts = {
    text: 'This is the certificate of web.\n',
    'text with a colon': 'subject: CN=web\n',
    'what OpenSSL writes before': 'Bag Attributes\n    friendlyName: web\nsubject=CN = web\n\nissuer=CN = ca\n\n',
    'a blank line': '\n',
    'a line of dashes': '-----\n',
    'BEGIN in a sentence': `Look for ${begin} below.\n`,
    'END in a sentence': `Look for ${end} below.\n`,
    'a line that only begins with BEGIN': `${begin} is below\n`,
    'a line that only begins with END': `${end} was above\n`,
    'END alone': `${end}\n`,
    'END of another label': '-----END PRIVATE KEY-----\n',
    'BEGIN alone': `${begin}\n`,
    'BEGIN of another label': '-----BEGIN PRIVATE KEY-----\n',
    'BEGIN without dashes behind it': '-----BEGIN CERTIFICATE\n',
    'a long line': `${'x'.repeat(1_000)}\n`,
    'a long line that has BEGIN where OpenSSL breaks it': `${'x'.repeat(254)}${begin}\n`,
    'NUL bytes': '\0\0\0\n',
    'other alphabets': 'Zertifikat für web: 证书\n',
    'text without a line end': 'certificate',
    'text on the line': 'certificate ',
  }
  return Object.entries(texts).flatMap(([name, text]) =>
    named({
      [`${name} before`]: text + leaf + ca,
      [`${name} between`]: leaf + text + ca,
      [`${name} after`]: leaf + ca + text,
    }),
  )
}

function truncations(chain: string): readonly Case[] {
  return Array.from({ length: Math.floor(chain.length / 23) }, (_, index) => ({
    name: `the first ${index * 23 + 1} characters`,
    text: chain.slice(0, index * 23 + 1),
  }))
}

const seed = 7468

/** Chains with one or two random changes at the places where readers differ, the same ones each time. */
function randomDamage(chain: string): readonly Case[] {
  const cuts = Array.from(chain.matchAll(/\n|-----|=+|BEGIN|END|$/g), ({ index }) => index)
  const piece = fc.constantFrom(
    ...[
      '\n',
      '\r\n',
      '\r',
      ' ',
      '\t',
      '\n\n',
      '-',
      '-----',
      '=',
      '==',
      'A',
      'AAAA',
      '\0',
      ':',
      'a: b\n',
      '#',
      'x\n',
      '\ufeff',
    ],
    ...[begin, end, `${begin}\n`, `${end}\n`, `\n${begin}\n`, `\n${end}\n`, parameters],
  )
  const change = fc.tuple(
    fc.constantFrom(...cuts),
    fc.integer({ min: -2, max: 2 }),
    fc.nat({ max: 3 }),
    fc.option(piece, { nil: '' }),
  )
  const damaged = fc.array(change, { minLength: 1, maxLength: 2 }).map((changes) =>
    changes.reduce((text, [cut, offset, removed, put]) => {
      const at = Math.max(0, cut + offset)
      return text.slice(0, at) + put + text.slice(at + removed)
    }, chain),
  )
  return fc.sample(damaged, { seed, numRuns: 600 }).map((text, index) => ({ name: `random ${index + 1}`, text }))
}
