import type { Format } from './exposition.ts'

/** The media type that each format is served as. */
export const contentTypes: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

/** One element of an Accept or Accept-Encoding header, in lower case (RFC 9110, section 12.5). */
interface Offer {
  readonly value: string
  readonly parameters: ReadonlyMap<string, string>
  /** 0 is "not acceptable". */
  readonly weight: number
}

/**
 * The format that an Accept header prefers; of several with the same weight the first. Where it names none that there is,
 * text: Prometheus and every other reader knows it.
 */
export function negotiateFormat(accept: string | undefined): Format {
  const wanted = offers(accept)
    .filter((offer) => offer.weight > 0)
    .flatMap((offer) => {
      const format = formatOf(offer)
      return format === undefined ? [] : [{ format, weight: offer.weight }]
    })
    .sort((a, b) => b.weight - a.weight)
  return wanted[0]?.format ?? 'text'
}

/** Whether an Accept-Encoding header lets the answer be compressed with gzip. */
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
  const [value = '', ...rest] = element.split(';').map((part) => part.trim())
  const parameters = new Map(
    rest.map((parameter) => {
      const [name = '', given = ''] = parameter.split('=', 2)
      return [name.trim(), given.trim().replace(/^"(.*)"$/, '$1')] as const
    }),
  )
  return { value, parameters, weight: weightFrom(parameters.get('q')) }
}

/** A weight that is no number from 0 to 1 is a mistake of the client's: its offer counts for nothing. */
function weightFrom(q: string | undefined): number {
  if (q === undefined) return 1
  const weight = q === '' ? Number.NaN : Number(q)
  return weight >= 0 && weight <= 1 ? weight : 0
}
