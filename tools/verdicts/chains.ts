import fc from 'fast-check'

/** A text to be judged. */
export interface Case {
  readonly name: string
  readonly text: string
}

const begin = '-----BEGIN CERTIFICATE-----'
const end = '-----END CERTIFICATE-----'

/** Ways in which a chain of two certificates in PEM is damaged, or written in another form. */
export function chainCases(leaf: string, ca: string): readonly Case[] {
  const chain = leaf + ca
  return [
    ...arrangements(leaf, ca),
    ...lineEnds(chain),
    ...charactersIn(leaf, ca),
    ...textAround(leaf, ca),
    ...insideBlocks(leaf, ca),
    ...base64Forms(leaf, ca),
    ...labels(leaf, ca),
    ...truncations(chain),
    ...randomDamage(chain),
  ]
}

const named = (texts: Readonly<Record<string, string>>): readonly Case[] =>
  Object.entries(texts).map(([name, text]) => ({ name, text }))

/** Cases in which the first block of a chain is changed, and those in which the second one is. */
const inEach = (
  leaf: string,
  ca: string,
  changes: Readonly<Record<string, (block: string) => string>>,
): readonly Case[] =>
  Object.entries(changes).flatMap(([name, change]) => [
    { name: `leaf: ${name}`, text: change(leaf) + ca },
    { name: `ca: ${name}`, text: leaf + change(ca) },
  ])

const bodyOf = (block: string) => block.slice(begin.length + 1, block.indexOf(end))
const base64Of = (block: string) => bodyOf(block).replaceAll('\n', '')
const blockOf = (body: string) => `${begin}\n${body}${end}\n`
const lines = (text: string, length: number) => text.replaceAll(new RegExp(`.{1,${length}}`, 'g'), '$&\n')

const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n'
const encryptedKey =
  '-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00000000000000000000000000000000\n\n' +
  `${lines('AAAA'.repeat(30), 64)}-----END EC PRIVATE KEY-----\n`

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

const oddCharacters = {
  ...{
    space: ' ',
    tab: '\t',
    'carriage return': '\r',
    'vertical tab': '\v',
    'form feed': '\f',
    escape: '\x1b',
    DEL: '\x7f',
  },
  ...{ NUL: '\0', 'no-break space': '\u00a0', 'zero-width space': '\u200b', 'byte order mark': '\ufeff', umlaut: 'ü' },
  ...{ 'line separator': '\u2028', 'soft hyphen': '\u00ad', hyphen: '-', underscore: '_', exclamation: '!', hash: '#' },
  ...{ 'equals sign': '=', colon: ':' },
}

function charactersIn(leaf: string, ca: string): readonly Case[] {
  return Object.entries(oddCharacters).flatMap(([name, odd]) =>
    inEach(leaf, ca, {
      [`${name} before BEGIN`]: (block) => odd + block,
      [`${name} in BEGIN`]: (block) => block.replace('BEGIN ', `BEGIN ${odd}`),
      [`${name} after BEGIN`]: (block) => block.replace(begin, begin + odd),
      [`${name} before the contents`]: (block) => block.replace('\n', `\n${odd}`),
      [`${name} on a line before the contents`]: (block) => block.replace('\n', `\n${odd}\n`),
      [`${name} in the contents`]: (block) => block.replace('MI', `MI${odd}`),
      [`${name} between lines of the contents`]: (block) => block.replace(/\nM.*\n/, `$&${odd}\n`),
      [`${name} after the contents`]: (block) => block.replace(`\n${end}`, `${odd}\n${end}`),
      [`${name} on a line after the contents`]: (block) => block.replace(end, `${odd}\n${end}`),
      [`${name} before END`]: (block) => block.replace(end, odd + end),
      [`${name} in END`]: (block) => block.replace('END ', `END ${odd}`),
      [`${name} after END`]: (block) => block.replace(end, end + odd),
    }),
  )
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

function insideBlocks(leaf: string, ca: string): readonly Case[] {
  return inEach(leaf, ca, {
    'a blank line first': (block) => block.replace('\n', '\n\n'),
    'two blank lines first': (block) => block.replace('\n', '\n\n\n'),
    'a blank line after the first line': (block) => block.replace(/\nM.*\n/, '$&\n'),
    'a blank line last': (block) => block.replace(end, `\n${end}`),
    'a blank line first and last': (block) => block.replace('\n', '\n\n').replace(end, `\n${end}`),
    'a header': (block) => block.replace('\n', '\nComment: web\n\n'),
    'a header without a blank line': (block) => block.replace('\n', '\nComment: web\n'),
    'a header of encryption': (block) => block.replace('\n', '\nProc-Type: 4,ENCRYPTED\n\n'),
    'a header of no encryption': (block) => block.replace('\n', '\nProc-Type: 4,MIC-CLEAR\n\n'),
    'a header last': (block) => block.replace(end, `Comment: web\n${end}`),
    'no line end after BEGIN': (block) => block.replace('\n', ''),
    'no line end before END': (block) => block.replace(`\n${end}`, end),
    'BEGIN twice': (block) => `${begin}\n${block}`,
    'BEGIN of another label before': (block) => `-----BEGIN PRIVATE KEY-----\n${block}`,
    'BEGIN in the contents': (block) => block.replace(/\nM.*\n/, `$&${begin}\n`),
    'END twice': (block) => `${block}${end}\n`,
    'END of another label before': (block) => block.replace(end, `-----END PRIVATE KEY-----\n${end}`),
    'END in the contents': (block) => block.replace(/\nM.*\n/, `$&${end}\n`),
    'no BEGIN': (block) => block.replace(`${begin}\n`, ''),
    'no END': (block) => block.replace(`${end}\n`, ''),
    'no contents': () => blockOf(''),
    'a comment in the contents': (block) => block.replace(/\nM.*\n/, '$&# comment\n'),
    'a line missing': (block) => block.replace(/\nM.*\n/, '\n'),
    'a line twice': (block) => block.replace(/\nM.*\n/, '$&$&'),
  })
}

function base64Forms(leaf: string, ca: string): readonly Case[] {
  const lengths = [1, 3, 4, 16, 48, 60, 63, 65, 72, 76, 77, 78, 80, 81, 128, 200, 252, 253, 254, 255, 256, 320, 5_000]
  const inLines = lengths.flatMap((length) =>
    inEach(leaf, ca, {
      [`lines of ${length}`]: (block) => blockOf(lines(base64Of(block), length)),
      [`a blank line and lines of ${length}`]: (block) => blockOf(`\n${lines(base64Of(block), length)}`),
    }),
  )
  const contents = (change: (base64: string) => string) => (block: string) =>
    blockOf(lines(change(base64Of(block)), 64))
  return [
    ...inLines,
    ...inEach(leaf, ca, {
      'short lines before long ones': (block) =>
        blockOf(`${lines(base64Of(block).slice(0, 30), 10)}${lines(base64Of(block).slice(30), 64)}`),
      'a blank line and short lines before long ones': (block) =>
        blockOf(`\n${lines(base64Of(block).slice(0, 30), 10)}${lines(base64Of(block).slice(30), 64)}`),
      'no padding': contents((base64) => base64.replaceAll('=', '')),
      'too much padding': contents((base64) => `${base64}=`),
      'padding of two too much': contents((base64) => `${base64}==`),
      'padding of four': contents((base64) => `${base64}====`),
      'padding too short': contents((base64) => base64.replace(/.$/, '')),
      'padding on a line of its own': (block) =>
        blockOf(
          lines(base64Of(block), 64)
            .replace(/(=*)\n$/, '\n$1\n')
            .replace('\n\n', '\n'),
        ),
      'padding on two lines': (block) => block.replace('==', '=\n='),
      'padding in the middle': contents((base64) => `${base64.slice(0, 8)}==${base64.slice(8)}`),
      'contents after padding': contents((base64) => `${base64}AAAA`),
      'other bits in the padding': contents((base64) => base64.replace(/A==$/, 'B==')),
      'a character too many': contents((base64) => `A${base64}`),
      'a character too few': contents((base64) => base64.slice(1)),
      'the alphabet of URLs': contents((base64) => base64.replaceAll('+', '-').replaceAll('/', '_')),
      'bytes after the certificate': (block) =>
        blockOf(lines(Buffer.concat([Buffer.from(base64Of(block), 'base64'), Buffer.alloc(3)]).toString('base64'), 64)),
    }),
  ]
}

function labels(leaf: string, ca: string): readonly Case[] {
  const others = [
    ...[
      'X509 CERTIFICATE',
      'TRUSTED CERTIFICATE',
      'certificate',
      'CERTIFICATE ',
      ' CERTIFICATE',
      'CERT',
      'CERTIFICATES',
    ],
    ...['', 'CERTIFICATE REQUEST', 'NEW CERTIFICATE', 'PRIVATE KEY', 'PKCS7', 'CERTIFICATE-', 'CERTIFICATE:'],
  ]
  const renamed = others.flatMap((label) =>
    inEach(leaf, ca, {
      [`the label "${label}"`]: (block) => block.replaceAll('CERTIFICATE', label),
      [`the label "${label}" at BEGIN`]: (block) => block.replace('CERTIFICATE', label),
      [`the label "${label}" at END`]: (block) => block.replace('END CERTIFICATE', `END ${label}`),
    }),
  )
  const dashes = ['', '-', '----', '------', '\u2014\u2014\u2014\u2014\u2014'].flatMap((dash) =>
    inEach(leaf, ca, {
      [`"${dash}" before BEGIN`]: (block) => block.replace('-----BEGIN', `${dash}BEGIN`),
      [`"${dash}" behind BEGIN`]: (block) => block.replace('CERTIFICATE-----', `CERTIFICATE${dash}`),
      [`"${dash}" before END`]: (block) => block.replace('-----END', `${dash}END`),
      [`"${dash}" behind END`]: (block) => block.replace(end, `${end.slice(0, -5)}${dash}`),
    }),
  )
  return [...renamed, ...dashes]
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
