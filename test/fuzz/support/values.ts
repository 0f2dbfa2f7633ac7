/** Texts that stand where JSON has another one: words that mean something elsewhere, controls, and what is out of bounds. */
const texts = [
  ...'0 1 1e9 True False null ~ = //8= ../../etc __proto__ constructor toString now'.split(' '),
  ...'10000-01-01T00:00:00Z -000001-01-01T00:00:00Z 0000-01-01T00:00:00Z +275760-09-13T00:00:00Z'.split(' '),
  ...'spiffe:// spiffe://example.org spiffe://Example.org/a spiffe://example.org/a/../b https://user:key@host'.split(
    ' ',
  ),
  ...['', ' ', '\0', 'a\nb', 'a\x1b[31mb', '\ud800', '\udfff', '\u202e', '-----BEGIN CERTIFICATE-----'],
  ...['a'.repeat(254), 'b'.repeat(2_100)],
]
const numbers = [0, -1, 0.5, 2 ** 31, 2 ** 53, 2 ** 53 + 2, -(2 ** 63), 1e21, 1e308, -1e-300]
const containers: readonly unknown[] = [
  [],
  {},
  [[]],
  [null],
  [{}],
  { toString: 1, valueOf: 2 },
  { length: -1 },
  { then: 'x' },
]

/** JSON values of each type, as JSON texts, which stand where another one is expected. */
export const oddJson: readonly string[] = [null, true, false, ...texts, ...numbers, ...containers].map((value) =>
  JSON.stringify(value),
)

const nested = (depth: number, open: string, close: string): string => open.repeat(depth) + '1' + close.repeat(depth)

/** What reaches for the prototype of all objects, and what is nested deeper than anybody needs. */
export const hostileJson: readonly string[] = [
  '{"__proto__":{"uid":"polluted"},"constructor":{"prototype":{"uid":"polluted"}}}',
  nested(40, '[', ']'),
  nested(3_000, '[', ']'),
  nested(3_000, '{"a":', '}'),
]

/** Longer than any text may be, which costs: to be mixed in sparingly. */
export const hugeJson = JSON.stringify('h'.repeat(300_000))

/** Names of members that mean something to JavaScript, or that no object has. */
export const oddNames = ['__proto__', 'constructor', 'hasOwnProperty', 'toString', '', '\0', 'extra', 'x'.repeat(300)]

/** Numbers as a JSON text may have them and no JavaScript number holds them, or as it may not. */
export const oddNumbers = [...'1e999 -0 9007199254740993 18446744073709551616 1.0 01 1E+2'.split(' '), '1'.repeat(400)]
