/** What the beginning of a watch event tells of it. A text that is not found there is ''. */
export interface EventHead {
  readonly type: string
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly resourceVersion: string
}

/** No JSON text has this character as it is. */
const separator = '\n'
const pathOf = (...keys: string[]): string => keys.join(separator)

const wanted = new Map<string, keyof EventHead>([
  ['type', 'type'],
  [pathOf('object', 'metadata', 'namespace'), 'namespace'],
  [pathOf('object', 'metadata', 'name'), 'name'],
  [pathOf('object', 'metadata', 'uid'), 'uid'],
  [pathOf('object', 'metadata', 'resourceVersion'), 'resourceVersion'],
])
/** The number of objects around the innermost of these fields. */
const deepest = 3

/**
 * Returns what the first bytes of a watch event tell of it. The metadata of built-in objects begins with these fields. That of custom
 * resources is in alphabetical order.
 */
export function readEventHead(head: Buffer): EventHead {
  const found = { type: '', namespace: '', name: '', uid: '', resourceVersion: '' }
  let left = wanted.size
  for (const { path, text } of textFields(head)) {
    const field = wanted.get(path)
    if (field === undefined || found[field] !== '') continue
    found[field] = text
    left -= 1
    if (left === 0) break
  }
  return found
}

const codeOf = (character: string): number => character.charCodeAt(0)
const [quote, backslash, comma] = [codeOf('"'), codeOf('\\'), codeOf(',')]
const [openBrace, closeBrace, openBracket, closeBracket] = [codeOf('{'), codeOf('}'), codeOf('['), codeOf(']')]

/** Yields the fields of the outer objects whose values are texts, with the keys that lead there. The JSON may end anywhere. */
function* textFields(json: Buffer): Generator<{ readonly path: string; readonly text: string }> {
  const place = new Place()
  for (let at = 0; at < json.length; at += 1) {
    if (json[at] !== quote) {
      place.pass(json[at])
      continue
    }
    const end = endOfText(json, at + 1)
    if (end === -1) return
    if (place.isShallow) {
      const text = json.toString('utf8', at + 1, end)
      const path = place.take(text)
      if (path !== undefined) yield { path, text }
    }
    at = end
  }
}

/** Place follows where in a JSON text a reader is. */
class Place {
  /** The braces and brackets that are open. */
  readonly #open: (number | undefined)[] = []
  /** The last key in each open object; '' in an array. */
  readonly #keys: string[] = []
  #isKeyNext = false

  /** Reports whether a wanted field may be here. */
  get isShallow(): boolean {
    return this.#open.length <= deepest && this.#open.at(-1) === openBrace
  }

  /** Takes a character outside of texts. */
  pass(code: number | undefined): void {
    if (code === openBrace || code === openBracket) {
      this.#open.push(code)
      if (this.#open.length <= deepest) this.#keys[this.#open.length - 1] = ''
      this.#isKeyNext = true
    } else if (code === closeBrace || code === closeBracket) {
      this.#open.pop()
      this.#isKeyNext = false
    } else if (code === comma) this.#isKeyNext = true
  }

  /** Takes a text in an object. Returns the path of the field whose value it is; undefined for a key. */
  take(text: string): string | undefined {
    const depth = this.#open.length
    const isKey = this.#isKeyNext
    this.#isKeyNext = false
    if (!isKey) return pathOf(...this.#keys.slice(0, depth))
    this.#keys[depth - 1] = text
    return undefined
  }
}

/** Returns the index of the quote that ends a text; -1 if the JSON ends before. */
function endOfText(json: Buffer, start: number): number {
  let end = json.indexOf('"', start)
  while (end !== -1 && isEscaped(json, end, start)) end = json.indexOf('"', end + 1)
  return end
}

function isEscaped(json: Buffer, at: number, start: number): boolean {
  let first = at
  while (first > start && json[first - 1] === backslash) first -= 1
  return (at - first) % 2 === 1
}
