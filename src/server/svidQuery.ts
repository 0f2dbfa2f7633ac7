import { svidStates } from '../identity/lifetime.ts'
import { RequestError } from './requestError.ts'
import { keyFromToken } from './svidOrder.ts'
import type { SvidQuery } from './svidPage.ts'

const defaultLimit = 100
const maxLimit = 1000
const parameters = ['limit', 'continue', 'namespace', 'copy', 'state'] as const
type Parameter = (typeof parameters)[number]

const copies = ['issued', 'mounted'] as const

/** Reads the query of GET /api/v1/svids. Throws a `RequestError` that names the parameter and the value that are wrong. */
export function readSvidQuery(given: Readonly<Record<string, unknown>>): SvidQuery {
  for (const name of Object.keys(given)) {
    if (!(parameters as readonly string[]).includes(name))
      throw refused(name, `is no parameter of this request; there are ${parameters.join(', ')}`)
  }
  const text = (name: Parameter) => textOf(name, given[name])
  const token = text('continue')
  const namespace = text('namespace')
  const copy = oneOf(copies, 'copy', text('copy'))
  const state = oneOf(svidStates, 'state', text('state'))
  return {
    limit: limitFrom(text('limit')),
    ...(token !== undefined && { after: keyFrom(token) }),
    ...(namespace !== undefined && { namespace }),
    ...(copy !== undefined && { copy }),
    ...(state !== undefined && { state }),
  }
}

function textOf(name: Parameter, value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  throw refused(name, 'must be given once')
}

function limitFrom(text: string | undefined): number {
  if (text === undefined) return defaultLimit
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= maxLimit) return limit
  throw refused('limit', `must be an integer from 1 to ${maxLimit}`, text)
}

function keyFrom(token: string) {
  const key = keyFromToken(token)
  if (key === undefined) throw refused('continue', 'must be the continue value of an earlier answer', token)
  return key
}

function oneOf<Word extends string>(
  words: readonly Word[],
  name: Parameter,
  text: string | undefined,
): Word | undefined {
  if (text === undefined) return undefined
  const word = words.find((known) => known === text)
  if (word === undefined) throw refused(name, `must be one of ${words.join(', ')}`, text)
  return word
}

const maxShown = 60

function refused(name: string, what: string, value?: string): RequestError {
  const got = value === undefined ? '' : ` (got ${JSON.stringify(value.slice(0, maxShown))})`
  return new RequestError('invalid_parameter', `${name.slice(0, maxShown)}: ${what}${got}`)
}
