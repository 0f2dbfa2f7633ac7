import type { NotAnSvid } from './svidProblems.ts'

const begin = '-----BEGIN CERTIFICATE-----'
const end = '-----END CERTIFICATE-----'

/** Returns the CERTIFICATE blocks of a PEM text (RFC 7468), in order, at least one and at most `max`. Other text is skipped. */
export function certificateBlocks(pem: string, max: number): readonly string[] | NotAnSvid<'malformed_pem'> {
  const blocks: string[] = []
  let from = pem.indexOf(begin)
  while (from !== -1) {
    const to = pem.indexOf(end, from)
    if (to === -1) return malformed(`certificate ${blocks.length + 1} has no END line`)
    if (!/^[A-Za-z0-9+/=\s]+$/.test(pem.slice(from + begin.length, to))) {
      return malformed(`certificate ${blocks.length + 1} is not base64`)
    }
    if (blocks.length === max) return malformed(`more than ${max} certificates`)
    blocks.push(pem.slice(from, to + end.length))
    from = pem.indexOf(begin, to)
  }
  return blocks.length === 0 ? malformed('no PEM block of type CERTIFICATE') : blocks
}

/** The length of a full line of base64 with the line end before it. */
const lineLength = 65

/**
 * Returns the DER in a block of `certificateBlocks` that is written as RFC 7468 section 3 requires: full lines of base64 and one
 * last line. Returns undefined for any other form, because other parsers may read it differently from Buffer.
 */
export function plainDer(block: string): Buffer | undefined {
  const base64 = block.slice(begin.length, -end.length)
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
