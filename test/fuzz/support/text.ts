import fc from 'fast-check'
import { place, type Mutation } from './mutate.ts'

/** What parsers trip over: controls, line ends, marks of direction and order, halves of a pair, quotes, signs of PEM, YAML and URLs. */
const nasties = [
  ...['\0', '\x1b[2J', '\x7f', '\r', '\n', '\r\n', '\t', '\u0085', '\u2028', '\u202e', '\ufeff', '\ufffd'],
  ...['\ud800', '\udc00', '\u{1f4a3}', '\xe9', ' ', '\\u0000'],
  ...'" \' \\ = == - ----- %00 & * ! { } [ ] : , # @ ; / // /../ . ~ ? null NaN 1e999 0x10 __proto__'.split(' '),
  ...'-1 9007199254740993 18446744073709551616 99999999999999999999999999'.split(' '),
]

const nasty = fc.constantFrom(...nasties)
const spot = (text: string, at: number) => at % (text.length + 1)

/** Changes of any text. */
export const textMutation: fc.Arbitrary<Mutation<string>> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(place, nasty).map(([at, what]) => replaceAt(at, 1, what)) },
  { weight: 4, arbitrary: fc.tuple(place, nasty).map(([at, what]) => replaceAt(at, 0, what)) },
  { weight: 4, arbitrary: fc.tuple(place, fc.nat(7)).map(([at, bit]) => flipBit(at, bit)) },
  { weight: 2, arbitrary: fc.tuple(place, fc.nat(255)).map(([at, byte]) => setByte(at, byte)) },
  { weight: 3, arbitrary: fc.tuple(place, fc.integer({ min: 1, max: 200 })).map(([at, n]) => replaceAt(at, n, '')) },
  { weight: 2, arbitrary: place.map((at) => (text: string) => text.slice(0, spot(text, at))) },
  { weight: 2, arbitrary: place.map((at) => (text: string) => text.slice(spot(text, at))) },
  {
    weight: 3,
    arbitrary: fc.tuple(place, fc.nat(400), fc.integer({ min: 1, max: 30 })).map(([...one]) => repeat(...one)),
  },
  { weight: 1, arbitrary: fc.constant((text: string) => text.replaceAll('\n', '\r\n')) },
  { weight: 1, arbitrary: fc.constant((text: string) => text.replaceAll(/\s/g, '')) },
  { weight: 1, arbitrary: fc.constantFrom(undefined, 'ascii', 'utf16le').map((encoding) => misread(encoding)) },
)

/** Makes a text huge, which costs: to be mixed in sparingly. */
export const hugeMutation: fc.Arbitrary<Mutation<string>> = fc
  .tuple(place, nasty)
  .map(([at, what]) => replaceAt(at, 0, what.repeat(20_000)))

function replaceAt(at: number, count: number, what: string): Mutation<string> {
  return (text) => text.slice(0, spot(text, at)) + what + text.slice(spot(text, at) + count)
}

function repeat(at: number, length: number, count: number): Mutation<string> {
  return (text) => {
    const start = spot(text, at)
    const end = start + length + 1
    return text.slice(0, end) + text.slice(start, end).repeat(count) + text.slice(end)
  }
}

function flipBit(at: number, bit: number): Mutation<string> {
  return inBytes((bytes) => {
    const index = at % Math.max(1, bytes.length)
    if (bytes.length > 0) bytes[index] = (bytes[index] ?? 0) ^ (1 << bit)
  })
}

function setByte(at: number, byte: number): Mutation<string> {
  return inBytes((bytes) => {
    if (bytes.length > 0) bytes[at % bytes.length] = byte
  })
}

/** As all readers see it: what is no UTF-8 becomes a replacement character. */
function inBytes(change: (bytes: Buffer) => void): Mutation<string> {
  return (text) => {
    const bytes = Buffer.from(text)
    change(bytes)
    return bytes.toString()
  }
}

function misread(encoding: 'ascii' | 'utf16le' | undefined): Mutation<string> {
  return (text) => (encoding === undefined ? `\ufeff${text}` : Buffer.from(text, encoding).toString('latin1'))
}
