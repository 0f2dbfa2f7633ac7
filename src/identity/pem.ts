import type { NotAnSvid } from './svidProblems.ts'

const begin = '-----BEGIN '
const end = '-----END '
const dashes = '-----'
const certificate = 'CERTIFICATE'
const beginLine = `${begin}${certificate}${dashes}`
const endLine = `${end}${certificate}${dashes}`

/**
 * Returns the CERTIFICATE blocks of a PEM text (RFC 7468), in order, at least one and at most `max`. Blocks of other types and
 * other text are skipped.
 *
 * Workloads read the same text with go-spiffe or with OpenSSL. Of a damaged text, Go skips what it cannot read, and OpenSSL reads
 * some forms that Go does not. A text is malformed unless both read the same certificates from it. The tests compare this
 * function with both.
 */
export function certificateBlocks(pem: string, max: number): readonly string[] | NotAnSvid<'malformed_pem'> {
  const blocks: string[] = []
  let at = 0
  for (;;) {
    const block = nextBlock(pem, at)
    if (block === undefined) return blocks.length === 0 ? malformed('no PEM block of type CERTIFICATE') : blocks
    const isCertificate = block.label === certificate
    const broken = block.broken ?? brokenRule(block, blocks.length === 0)
    if (broken !== undefined) {
      return malformed(`${isCertificate ? `certificate ${blocks.length + 1}` : 'a block of another type'} ${broken}`)
    }
    if (isCertificate) {
      if (blocks.length === max) return malformed(`more than ${max} certificates`)
      blocks.push(pem.slice(block.start, block.end))
    }
    at = block.end
  }
}

/** Returns the bytes in the first PEM block with one of `labels`, as Go reads them, or why there are none. */
export function bytesFromPem(pem: string, labels: readonly string[]): Buffer | { readonly broken: string } {
  let block = nextBlock(pem, 0)
  while (block !== undefined && !labels.includes(block.label)) block = nextBlock(pem, block.end)
  if (block === undefined) return { broken: `no PEM block of type ${labels[0] ?? ''}` }
  if (block.broken !== undefined) return { broken: `the PEM block ${block.broken}` }
  const { body } = block
  if (areLinesOfBase64(body) || isBase64(body.replaceAll(/[ \t\r\n]+/g, ''))) return Buffer.from(body, 'base64')
  return { broken: 'the PEM block is not base64' }
}

/** A block of a PEM text: its type, where it begins and ends, and everything from the end of its BEGIN line to its END line. */
interface Block {
  readonly label: string
  readonly start: number
  readonly end: number
  readonly body: string
  /** Why its BEGIN or END line cannot be used; undefined if both can be. */
  readonly broken?: string
}

/** Returns the next block. BEGIN and END must be lines of their own. */
function nextBlock(pem: string, from: number): Block | undefined {
  for (let start = pem.indexOf(begin, from); start !== -1; start = pem.indexOf(begin, start + 1)) {
    const isLineStart = start === 0 || pem[start - 1] === '\n'
    if (!isLineStart && !isAfterMark(pem, start)) continue
    const line = lineAt(pem, start)
    const [, label, rest] = line === beginLine ? usualBegin : (beginPattern.exec(line) ?? [])
    if (label === undefined) continue
    const broken = (why: string): Block => ({ label, start, end: pem.length, body: '', broken: why })
    if (!isLineStart) return broken('comes after a byte order mark, which Go does not skip')
    if (rest !== '') return broken('has characters behind BEGIN that Go does not skip')
    const bodyStart = start + line.length
    const bodyEnd = pem.indexOf(`\n${end}`, bodyStart)
    if (bodyEnd === -1) return broken('has no END line')
    const last = lineAt(pem, bodyEnd + 1)
    if (last !== `${end}${label}${dashes}`) return broken('has an END line of another type, or with other text on it')
    return { label, start, end: bodyEnd + 1 + last.length, body: pem.slice(bodyStart, bodyEnd + 1) }
  }
  return undefined
}

/** A BEGIN line: its label, and what is behind it. OpenSSL skips control characters and all beyond ASCII there. */
const beginPattern = /^-----BEGIN (.*)-----([^!-\x7f]*)$/s

/** What the pattern finds in nearly all BEGIN lines. */
const usualBegin = [beginLine, certificate, '']

/** A byte order mark, read as UTF-8 and as Latin-1. */
const byteOrderMarks = ['\ufeff', '\u00ef\u00bb\u00bf']

/** Reports whether there is nothing but a byte order mark before `start` on its line. */
function isAfterMark(pem: string, start: number): boolean {
  const before = pem.slice(Math.max(0, start - 4), start)
  return byteOrderMarks.some((mark) => before.endsWith(`\n${mark}`) || (start === mark.length && before === mark))
}

/** Returns the line that begins at `start`, without white space and a line end of Windows at its end. */
function lineAt(pem: string, start: number): string {
  const lineEnd = pem.indexOf('\n', start)
  let last = lineEnd === -1 ? pem.length : lineEnd
  if (lineEnd !== -1 && pem[last - 1] === '\r') last -= 1
  while (pem[last - 1] === ' ' || pem[last - 1] === '\t') last -= 1
  return pem.slice(start, last)
}

/** Returns what is wrong with the label or the contents of a block; undefined if all readers take the block for the same. */
function brokenRule({ label, body }: Block, isFirst: boolean): string | undefined {
  // OpenSSL reads both types as certificates, but a TRUSTED CERTIFICATE only in the place of a leaf.
  if (label === 'X509 CERTIFICATE' || (label === 'TRUSTED CERTIFICATE' && isFirst)) {
    return `has the type ${label}, which Go skips`
  }
  if (label.includes(':')) return 'has a colon in its type, which OpenSSL does not read'
  const lines = /[ \t\r]/.test(body) ? body.replaceAll(/[ \t\r]+/g, '') : body
  return areLinesOfBase64(label === certificate ? lines : lines.replace(headers, '')) ? undefined : 'is not base64'
}

/** The headers of an encrypted key (RFC 1421 section 4.6), up to the blank line behind them. */
const headers = /^(?:\n[^\n:]+:[^\n]*)+(?=\n\n)/

/** Symbols of base64 and line ends, with padding at the end. */
const symbolsAndLineEnds = /^[A-Za-z0-9+/\n]*(?:==?|=\n=)?\n$/

/**
 * Reports whether Go and OpenSSL decode the same from a text of lines, each with the line end before it. OpenSSL takes lines before
 * a blank one for headers, so only the first one may be blank. All lines behind it but the last one must then have 64 characters.
 */
function areLinesOfBase64(lines: string): boolean {
  if (!symbolsAndLineEnds.test(lines)) return false
  const last = lines.length - 1
  const hasBlankLine = lines[1] === '\n' && last > 1
  let symbols = 0
  for (let at = hasBlankLine ? 1 : 0; at < last;) {
    const next = lines.indexOf('\n', at + 1)
    const length = next - at - 1
    if (length === 0 || (hasBlankLine && (length > 64 || (length < 64 && next < last)))) return false
    symbols += length
    at = next
  }
  return symbols > 0 && symbols % 4 === 0
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text)
}

/** The length of a full line of base64 with the line end before it. */
const lineLength = 65

/**
 * Returns the DER in a block of `certificateBlocks` that is written as RFC 7468 section 3 requires: full lines of base64 and one
 * last line. Returns undefined for any other form, because other parsers may read it differently from Buffer.
 */
export function plainDer(block: string): Buffer | undefined {
  const base64 = block.slice(beginLine.length, -endLine.length)
  const last = base64.length - 1
  for (let at = 0; at < last; at += lineLength) if (base64[at] !== '\n') return undefined
  if (base64[last] !== '\n' || base64[last - 1] === '\n') return undefined
  const symbols = last - Math.ceil(last / lineLength)
  const padding = base64.endsWith('==\n') ? 2 : base64.endsWith('=\n') ? 1 : 0
  const der = Buffer.from(base64, 'base64')
  // Any other "=" or white space would have made the DER shorter.
  const isWhole = symbols > 0 && symbols % 4 === 0 && der.length === (symbols / 4) * 3 - padding
  return isWhole ? der : undefined
}

function malformed(detail: string): NotAnSvid<'malformed_pem'> {
  return { problem: 'malformed_pem', detail }
}
