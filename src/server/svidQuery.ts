import { svidStates } from '../identity/lifetime.ts'
import { RequestError } from './requestError.ts'
import { keyFromToken } from './svidOrder.ts'
import type { SvidQuery } from './svidPage.ts'

const defaultLimit = 100
const maxLimit = 1000
const parameters = ['limit', 'continue', 'namespace', 'copy', 'state'] as const
type Parameter = (typeof parameters)[number]

const copyNames = ['issued', 'mounted'] as const

/** Parses the query of GET /api/v1/svids. Throws a `RequestError` that names the wrong parameter and its value. */
export function readSvidQuery(given: Readonly<Record<string, unknown>>): SvidQuery {
  for (const name of Object.keys(given)) {
    if (!(parameters as readonly string[]).includes(name))
      throw invalidParameter(name, `unknown parameter; known parameters are ${parameters.join(', ')}`)
  }
  const text = (name: Parameter) => textOf(name, given[name])
  const token = text('continue')
  const namespace = text('namespace')
  const copy = oneOf(copyNames, 'copy', text('copy'))
  const state = oneOf(svidStates, 'state', text('state'))
  return {
    limit: limitFrom(text('limit')),
    ...(token !== undefined && { afterKey: keyFrom(token) }),
    ...(namespace !== undefined && { namespace }),
    ...(copy !== undefined && { copy }),
    ...(state !== undefined && { state }),
  }
}

function textOf(name: Parameter, value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  throw invalidParameter(name, 'must be given only once')
}

function limitFrom(text: string | undefined): number {
  if (text === undefined) return defaultLimit
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= maxLimit) return limit
  throw invalidParameter('limit', `must be an integer from 1 to ${maxLimit}`, text)
}

function keyFrom(token: string) {
  const key = keyFromToken(token)
  if (key === undefined) throw invalidParameter('continue', 'must be the continue value of an earlier answer', token)
  return key
}

function oneOf<Word extends string>(
  words: readonly Word[],
  name: Parameter,
  text: string | undefined,
): Word | undefined {
  if (text === undefined) return undefined
  const word = words.find((known) => known === text)
  if (word === undefined) throw invalidParameter(name, `must be one of ${words.join(', ')}`, text)
  return word
}

/** The most characters that an error message quotes of a name or a value. */
const maxQuoted = 60

function invalidParameter(name: string, problem: string, value?: string): RequestError {
  const got = value === undefined ? '' : ` (got ${JSON.stringify(value.slice(0, maxQuoted))})`
  return new RequestError('invalid_parameter', `${name.slice(0, maxQuoted)}: ${problem}${got}`)
}
