/** A text to be judged. */
export interface Case {
  readonly name: string
  readonly text: string
}

/** The lines around a certificate. */
export const begin = '-----BEGIN CERTIFICATE-----'
export const end = '-----END CERTIFICATE-----'

/** Returns the lines between BEGIN and END. */
export const bodyOf = (block: string) => block.slice(begin.length + 1, block.indexOf(end))
const base64Of = (block: string) => bodyOf(block).replaceAll('\n', '')
const blockOf = (body: string) => `${begin}\n${body}${end}\n`

/** Breaks a text into lines of this length. */
export const linesOf = (text: string, length: number) => text.replaceAll(new RegExp(`.{1,${length}}`, 'g'), '$&\n')

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

/** An odd character at each place in and around a block. */
export function charactersInBlocks(leaf: string, ca: string): readonly Case[] {
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

/** Changes of what is in a block: its lines, its base64 and its labels. */
export const changesInBlocks = (leaf: string, ca: string): readonly Case[] => [
  ...insideBlocks(leaf, ca),
  ...base64Forms(leaf, ca),
  ...labels(leaf, ca),
]

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
      [`lines of ${length}`]: (block) => blockOf(linesOf(base64Of(block), length)),
      [`a blank line and lines of ${length}`]: (block) => blockOf(`\n${linesOf(base64Of(block), length)}`),
    }),
  )
  const contents = (change: (base64: string) => string) => (block: string) =>
    blockOf(linesOf(change(base64Of(block)), 64))
  return [
    ...inLines,
    ...inEach(leaf, ca, {
      'short lines before long ones': (block) =>
        blockOf(`${linesOf(base64Of(block).slice(0, 30), 10)}${linesOf(base64Of(block).slice(30), 64)}`),
      'a blank line and short lines before long ones': (block) =>
        blockOf(`\n${linesOf(base64Of(block).slice(0, 30), 10)}${linesOf(base64Of(block).slice(30), 64)}`),
      'no padding': contents((base64) => base64.replaceAll('=', '')),
      'too much padding': contents((base64) => `${base64}=`),
      'padding of two too much': contents((base64) => `${base64}==`),
      'padding of four': contents((base64) => `${base64}====`),
      'padding too short': contents((base64) => base64.replace(/.$/, '')),
      'padding on a line of its own': (block) =>
        blockOf(
          linesOf(base64Of(block), 64)
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
        blockOf(
          linesOf(Buffer.concat([Buffer.from(base64Of(block), 'base64'), Buffer.alloc(3)]).toString('base64'), 64),
        ),
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
