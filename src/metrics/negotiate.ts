import type { Format } from './exposition.ts'

/** The media type of each format. */
export const contentTypes: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

/** One element of an Accept or Accept-Encoding header, in lower case (RFC 9110, section 12.5). */
interface Offer {
  readonly value: string
  readonly parameters: ReadonlyMap<string, string>
  /** 0 means "not acceptable". */
  readonly weight: number
}

/**
 * Returns the format that an Accept header prefers, the first of several with the same weight. Returns `text` if the header names
 * no known format, since every reader understands it.
 */
export function negotiateFormat(accept: string | undefined): Format {
  const accepted = offers(accept)
    .filter((offer) => offer.weight > 0)
    .flatMap((offer) => {
      const format = formatOf(offer)
      return format === undefined ? [] : [{ format, weight: offer.weight }]
    })
    .sort((a, b) => b.weight - a.weight)
  return accepted[0]?.format ?? 'text'
}

/** Reports whether an Accept-Encoding header accepts gzip. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  const offered = offers(acceptEncoding)
  const gzip = offered.find(({ value }) => value === 'gzip') ?? offered.find(({ value }) => value === '*')
  return gzip !== undefined && gzip.weight > 0
}

function formatOf({ value, parameters }: Offer): Format | undefined {
  const version = parameters.get('version')
  switch (value) {
    case 'application/openmetrics-text':
      return version === undefined || version === '1.0.0' ? 'openmetrics' : undefined
    case 'text/plain':
      return version === undefined || version === '0.0.4' ? 'text' : undefined
    case 'text/*':
    case '*/*':
      return 'text'
    default:
      return undefined
  }
}

function offers(header: string | undefined): readonly Offer[] {
  return (header ?? '').toLowerCase().split(',').map(offerFrom)
}

function offerFrom(element: string): Offer {
  const [value = '', ...parameterTexts] = element.split(';').map((part) => part.trim())
  const parameters = new Map(
    parameterTexts.map((parameter) => {
      const [name = '', parameterValue = ''] = parameter.split('=', 2)
      return [name.trim(), parameterValue.trim().replace(/^"(.*)"$/, '$1')] as const
    }),
  )
  return { value, parameters, weight: weightFrom(parameters.get('q')) }
}

/** Returns the weight, or 0 for a text that is not a number from 0 to 1. */
function weightFrom(q: string | undefined): number {
  if (q === undefined) return 1
  const weight = q === '' ? Number.NaN : Number(q)
  return weight >= 0 && weight <= 1 ? weight : 0
}
