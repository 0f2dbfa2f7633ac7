import type { NotAnSvid } from './svidProblems.ts'

const begin = '-----BEGIN CERTIFICATE-----'
const end = '-----END CERTIFICATE-----'

/** The CERTIFICATE blocks of a PEM text (RFC 7468), in order, at least one and at most `max`. What is between them is skipped. */
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

function malformed(detail: string): NotAnSvid<'malformed_pem'> {
  return { problem: 'malformed_pem', detail }
}
