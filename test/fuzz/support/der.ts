/** An element of a DER text (X.690): its tag, and what it has, elements or bytes. */
export interface Element {
  readonly tag: number
  readonly content: readonly Element[] | Buffer
  /** Bytes to be written in the place of the length, where it is to be a lie. */
  readonly lie?: Buffer
}

/** The elements of a DER text, one after another; undefined where it is none. */
export function parseDer(bytes: Buffer): readonly Element[] | undefined {
  const elements: Element[] = []
  let at = 0
  while (at < bytes.length) {
    const head = headAt(bytes, at)
    if (head === undefined || head.end > bytes.length) return undefined
    elements.push(elementOf(head.tag, bytes.subarray(head.start, head.end)))
    at = head.end
  }
  return elements
}

export function encodeDer(elements: readonly Element[]): Buffer {
  return Buffer.concat(elements.map(encodeElement))
}

/** What an element is replaced by. */
export type Edit = (element: Element) => readonly Element[]

/**
 * Edits the element at a place, taken modulo their number, among all those that `isMeant`, the outermost first. The lengths around
 * it will be right again.
 */
export function editElement(
  elements: readonly Element[],
  at: number,
  isMeant: (element: Element) => boolean,
  edit: Edit,
): readonly Element[] {
  let left = at % Math.max(1, countOf(elements, isMeant))
  const visit: Edit = (element) => {
    if (left < 0) return [element]
    if (isMeant(element) && left-- === 0) return edit(element)
    const { content } = element
    return Buffer.isBuffer(content) ? [element] : [{ ...element, content: content.flatMap(visit) }]
  }
  return elements.flatMap(visit)
}

function countOf(elements: readonly Element[], isMeant: (element: Element) => boolean): number {
  const inside = ({ content }: Element) => (Buffer.isBuffer(content) ? 0 : countOf(content, isMeant))
  return elements.reduce((count, element) => count + (isMeant(element) ? 1 : 0) + inside(element), 0)
}

/** Constructed ones have elements, and so have the strings of bytes and bits in which extensions and keys wrap theirs. */
function elementOf(tag: number, bytes: Buffer): Element {
  const isConstructed = (tag & 0x20) !== 0
  const mayWrap = tag === 0x04 && bytes.length > 1
  const inner = isConstructed || mayWrap ? parseDer(bytes) : undefined
  return { tag, content: inner ?? bytes }
}

function headAt(bytes: Buffer, at: number): { tag: number; start: number; end: number } | undefined {
  const tag = bytes[at]
  const length = bytes[at + 1]
  if (tag === undefined || length === undefined || (tag & 0x1f) === 0x1f) return undefined
  if (length < 0x80) return { tag, start: at + 2, end: at + 2 + length }
  const count = length & 0x7f
  if (count === 0 || count > 4 || at + 2 + count > bytes.length) return undefined
  const start = at + 2 + count
  return { tag, start, end: start + bytes.readUIntBE(at + 2, count) }
}

function encodeElement({ tag, content, lie }: Element): Buffer {
  const inner = Buffer.isBuffer(content) ? content : encodeDer(content)
  return Buffer.concat([Buffer.of(tag), lie ?? lengthOf(inner.length), inner])
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length)
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(length)
  const digits = bytes.subarray(bytes.findIndex((byte) => byte !== 0))
  return Buffer.concat([Buffer.of(0x80 | digits.length), digits])
}
