import fc from 'fast-check'
import { editElement, encodeDer, parseDer, type Edit, type Element } from './der.ts'
import { either, mutated, place, type Mutation } from './mutate.ts'
import { textMutation } from './text.ts'

/** What stands in the place of a time: years that nobody means, moments that there are not, other spellings. */
const times = [
  ...'000001010000Z 500101000000Z 991231235959Z 261301000000Z 260230000000Z 260101246060Z 2601010000Z'.split(' '),
  ...'00000101000000Z 00010101000000Z 99991231235959Z 100000101000000Z 20260101000000 20260101000000.5Z'.split(' '),
  ...['20260101000000+0100', '-0010101000000Z', '2026010100000\0Z', ''],
]

/** What stands in the place of a URI or another name. */
const uris = [
  ...'spiffe://example.org/a spiffe://example.org spiffe://example.org/ spiffe://example.org/a/../b spiffe:///a'.split(
    ' ',
  ),
  ...'spiffe://EXAMPLE.org/a SPIFFE://example.org/a spiffe://example.org/"a" spiffe://example.org/%41 spiffe://a:1/b'.split(
    ' ',
  ),
  ...[
    'spiffe://example.org/a\0b',
    'spiffe://example.org/a\n',
    'spiffe://example.org/a, URI:spiffe://b/c',
    '\xff\xfe',
    '',
  ],
  ...['https://example.org/a', `spiffe://example.org/${'a'.repeat(2_100)}`, `spiffe://${'a'.repeat(300)}/b`],
]

/** Lengths that are wrong, endless, or written as DER does not write them. */
const lies = ['00', '01', '7f', '80', '8100', '82ffff', '84ffffffff', '8400000001', 'ff'].map((hex) =>
  Buffer.from(hex, 'hex'),
)
const latin1 = (text: string) => Buffer.from(text, 'latin1')

/** Changes of one element, after which every length around it is right again: parsers read on behind them. */
const elementMutation: fc.Arbitrary<Mutation<Buffer>> = either(
  {
    weight: 3,
    arbitrary: chosen(fc.constantFrom(...lies), (lie) => (element) => [{ ...element, lie: lie }]),
  },
  { weight: 3, arbitrary: chosen(fc.nat(255), (tag) => (element) => [{ ...element, tag }]) },
  { weight: 2, arbitrary: chosen(fc.constant(0), () => () => []) },
  {
    weight: 2,
    arbitrary: chosen(fc.constantFrom(1, 1, 2, 30), (n) => (element) => [element, ...Array<Element>(n).fill(element)]),
  },
  { weight: 1, arbitrary: chosen(fc.constantFrom(2, 20, 20, 200), (depth) => (element) => [wrapped(element, depth)]) },
  {
    weight: 2,
    arbitrary: chosen(fc.uint8Array({ maxLength: 40 }), (bytes) => ({ tag }) => [{ tag, content: Buffer.from(bytes) }]),
  },
  {
    weight: 4,
    arbitrary: chosen(
      fc.constantFrom(...times),
      (time) => () => [{ tag: timeTag(time), content: latin1(time) }],
      isTime,
    ),
  },
  {
    weight: 4,
    arbitrary: chosen(
      fc.constantFrom(...uris),
      (uri) =>
        ({ tag }) => [{ tag, content: latin1(uri) }],
      isName,
    ),
  },
  {
    weight: 2,
    arbitrary: chosen(
      textMutation,
      (mutate) =>
        ({ tag, content }) => [{ tag, content: latin1(mutate(textIn(content))) }],
      isName,
    ),
  },
)

const byteMutation: fc.Arbitrary<Mutation<Buffer>> = either(
  {
    weight: 4,
    arbitrary: fc.tuple(place, fc.nat(255)).map(
      ([at, byte]) =>
        (der) =>
          withByte(der, at, byte),
    ),
  },
  { weight: 1, arbitrary: place.map((at) => (der) => der.subarray(0, at % (der.length + 1))) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }).map((more) => (der) => Buffer.concat([der, more])) },
)

/** DER texts that were recorded, changed. */
export function derTexts(recorded: readonly Buffer[]): fc.Arbitrary<Buffer> {
  return mutated(recorded, either({ weight: 3, arbitrary: elementMutation }, { weight: 1, arbitrary: byteMutation }))
}

/** What is in the PEM blocks of a text. */
export function dersOf(pem: string): readonly Buffer[] {
  return Array.from(pem.matchAll(/-----BEGIN [^-]+-----([^-]+)-----END/g), ([, base64 = '']) =>
    Buffer.from(base64, 'base64'),
  )
}

export function pemOf(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

function chosen<Given>(
  given: fc.Arbitrary<Given>,
  editFor: (given: Given) => Edit,
  isMeant: (element: Element) => boolean = () => true,
): fc.Arbitrary<Mutation<Buffer>> {
  return fc.tuple(place, given).map(([at, value]) => (der) => {
    const elements = parseDer(der)
    return elements === undefined ? der : encodeDer(editElement(elements, at, isMeant, editFor(value)))
  })
}

function isTime({ tag }: Element): boolean {
  return tag === 0x17 || tag === 0x18
}

/** Texts of any kind: of names, and by their number those of subject alternative names. */
function isName({ tag, content }: Element): boolean {
  return Buffer.isBuffer(content) && [0x0c, 0x13, 0x16, 0x81, 0x82, 0x86, 0x87].includes(tag)
}

const timeTag = (time: string) => (time.length > 14 ? 0x18 : 0x17)
const textIn = (content: Element['content']) => (Buffer.isBuffer(content) ? content.toString('latin1') : '')

function wrapped(element: Element, depth: number): Element {
  let outer = element
  for (let level = 0; level < depth; level += 1) outer = { tag: 0x30, content: [outer] }
  return outer
}

function withByte(der: Buffer, at: number, byte: number): Buffer {
  const changed = Buffer.from(der)
  if (changed.length > 0) changed[at % changed.length] = byte
  return changed
}
