import { RequestError } from './requestError.ts'

/** The parameters of a request, as a parser has read them. */
export type GivenParameters = Readonly<Record<string, unknown>>

const defaultLimit = 100
const maxLimit = 1000

/** QueryReader reads the parameters of one request. Every method throws a `RequestError` that names the wrong parameter and its value. */
export class QueryReader<Name extends string> {
  readonly #given: GivenParameters

  /** `names` are all parameters that there are. */
  constructor(given: GivenParameters, names: readonly Name[]) {
    this.#given = given
    for (const name of Object.keys(given)) {
      if (!(names as readonly string[]).includes(name))
        throw invalidParameter(name, `unknown parameter; known parameters are ${names.join(', ')}`)
    }
  }

  text(name: Name): string | undefined {
    const value = this.#given[name]
    if (value === undefined || typeof value === 'string') return value
    throw invalidParameter(name, 'must be given only once')
  }

  oneOf<Word extends string>(name: Name, words: readonly Word[]): Word | undefined {
    const text = this.text(name)
    const word = words.find((known) => known === text)
    if (text !== undefined && word === undefined)
      throw invalidParameter(name, `must be one of ${words.join(', ')}`, text)
    return word
  }

  /** Returns the number of items on a page. */
  limit(name: Name): number {
    const text = this.text(name)
    if (text === undefined) return defaultLimit
    const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0
    if (limit >= 1 && limit <= maxLimit) return limit
    throw invalidParameter(name, `must be an integer from 1 to ${maxLimit}`, text)
  }

  /** Returns the position after which a page begins. `parse` returns undefined for a text that is no token. */
  position<Position>(name: Name, parse: (token: string) => Position | undefined): Position | undefined {
    const token = this.text(name)
    if (token === undefined) return undefined
    const position = parse(token)
    if (position !== undefined) return position
    throw invalidParameter(name, 'must be the continue value of an earlier answer', token)
  }
}

/** Returns the values that are given. */
export function givenOf<Values extends object>(values: Values): { [Name in keyof Values]?: NonNullable<Values[Name]> } {
  const given = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given) as { [Name in keyof Values]?: NonNullable<Values[Name]> }
}

/** The most characters that an error message quotes of a name or a value. */
const maxQuoted = 60

function invalidParameter(name: string, problem: string, value?: string): RequestError {
  const got = value === undefined ? '' : ` (got ${JSON.stringify(value.slice(0, maxQuoted))})`
  return new RequestError('invalid_parameter', `${name.slice(0, maxQuoted)}: ${problem}${got}`)
}
