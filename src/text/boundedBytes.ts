const ellipsis = '…'

/** Returns the text, or as much of its beginning as has room in `maxBytes` of UTF-8 with an ellipsis at its end. */
export function boundedBytes(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text
  const room = maxBytes - Buffer.byteLength(ellipsis)
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(room))
  return text.slice(0, read) + ellipsis
}
