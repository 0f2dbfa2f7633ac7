/** Returns the parts of a position as an opaque text for a URL. */
export function tokenOf(parts: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url')
}

/** Returns what a token contains, which anyone may have written; undefined for a text that is not a token. */
export function partsOfToken(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString())
  } catch {
    return undefined
  }
}
