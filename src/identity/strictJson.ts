declare global {
  interface JSON {
    /** ECMAScript 2026: a reviver sees how a number was written. */
    parse(
      text: string,
      reviver: (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown,
    ): unknown
  }
}

/** An integer beyond 64 bits is a number like any other, and no integer to anybody who reads it. */
const integer = /^-?\d{1,20}$/
const maxDepth = 32

/**
 * The value of a JSON text (RFC 8259), with its integers as bigint: they keep all their digits. Refused are objects that have a
 * member twice (which RFC 7517 leaves to the parser: refuse, or take the last), and more nesting than any document needs.
 */
export function parseStrictJson(text: string): { readonly value: unknown } | { readonly detail: string } {
  try {
    JSON.parse(text)
  } catch {
    return { detail: 'the text is no JSON' }
  }
  const detail = strictnessBrokenBy(text)
  if (detail !== undefined) return { detail }
  const value = JSON.parse(text, (_, member, { source = '' }) =>
    typeof member === 'number' && integer.test(source) ? BigInt(source) : member,
  )
  return { value }
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Walks through a text that is known to be JSON. */
function strictnessBrokenBy(text: string): string | undefined {
  /** The members so far of each object that has not ended; undefined before the first, and for arrays. */
  const open: (Set<string> | undefined)[] = []
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (character === '}' || character === ']') open.pop()
    if (character === '{' || character === '[') {
      if (open.length === maxDepth) return `the JSON is nested more than ${maxDepth} deep`
      open.push(undefined)
    }
    if (character !== '"') continue
    const end = endOfString(text, at)
    if (isMemberName(text, end)) {
      const name = String(JSON.parse(text.slice(at, end)))
      const names = (open[open.length - 1] ??= new Set())
      if (names.has(name)) return `an object has the member ${JSON.stringify(name)} twice`
      names.add(name)
    }
    at = end - 1
  }
  return undefined
}

/** Where a string that begins at `start` has ended. */
function endOfString(text: string, start: number): number {
  let at = start + 1
  while (text.charAt(at) !== '"') at += text.charAt(at) === '\\' ? 2 : 1
  return at + 1
}

const colon = /\s*:/y

/** In JSON, a string before a colon is the name of a member. */
function isMemberName(text: string, end: number): boolean {
  colon.lastIndex = end
  return colon.test(text)
}
