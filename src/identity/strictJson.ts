declare global {
  interface JSON {
    /** ECMAScript 2026: `source` is the text of a number. */
    parse(
      text: string,
      reviver: (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown,
    ): unknown
  }
}

/** 20 digits are enough for 64 bits. A longer integer stays a number, which no reader takes for an integer. */
const integer = /^-?\d{1,20}$/
const maxDepth = 32

/**
 * Parses a JSON text (RFC 8259). Integers become bigint, so that they keep all their digits. Refuses objects that have a member
 * twice (RFC 7517 lets a parser refuse them or take the last member), and nesting deeper than any document needs.
 */
export function parseStrictJson(text: string): { readonly value: unknown } | { readonly detail: string } {
  try {
    JSON.parse(text)
  } catch {
    return { detail: 'the text is not JSON' }
  }
  const detail = strictnessBrokenBy(text)
  if (detail !== undefined) return { detail }
  const value = JSON.parse(text, (_, member, { source = '' }) =>
    typeof member === 'number' && integer.test(source) ? BigInt(source) : member,
  )
  return { value }
}

/** Reports whether a value is a JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Reports whether a member is missing. Null stands for a member that is missing, as in go-spiffe. */
export function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null
}

/** The text must be JSON. */
function strictnessBrokenBy(text: string): string | undefined {
  /** The member names so far of each open object; undefined before its first member, and for arrays. */
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

/** Returns the end, exclusive, of the string that begins at `start`. */
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
