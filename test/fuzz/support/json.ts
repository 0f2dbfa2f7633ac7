import fc from 'fast-check'
import { mutated, place, type Mutation } from './mutate.ts'
import { textMutation } from './text.ts'
import { hostileJson, hugeJson, oddJson, oddNames, oddNumbers } from './values.ts'

/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

type Container = Json[] | Record<string, Json>

/** Each place gets a value of its own. */
const value = fc
  .oneof(
    { weight: 400, arbitrary: fc.constantFrom(...oddJson) },
    { weight: 8, arbitrary: fc.constantFrom(...hostileJson) },
    { weight: 1, arbitrary: fc.constant(hugeJson) },
  )
  .map((text) => () => JSON.parse(text) as Json)

/** Changes a value, the only member of the root that it is given. */
type Edit = (root: Container) => void

const edit: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(place, value).map(([at, other]) => atPlace(at, (parent, key) => put(parent, key, other()))),
  },
  { weight: 3, arbitrary: place.map((at) => atPlace(at, remove)) },
  { weight: 2, arbitrary: place.map((at) => atPlace(at, (parent, key) => put(parent, key, [get(parent, key)]))) },
  {
    weight: 2,
    arbitrary: place.map((at) => atPlace(at, (parent, key) => put(parent, key, JSON.stringify(get(parent, key))))),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(place, fc.constantFrom(...oddNames), value)
      .map(([at, name, other]) => atPlace(at, add(name, other))),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(place, fc.constantFrom(1, 1, 1, 2, 3, 30)).map(([at, n]) => atPlace(at, repeated(n))),
  },
  { weight: 2, arbitrary: fc.tuple(place, place).map(([from, to]) => moved(from, to)) },
  { weight: 3, arbitrary: fc.tuple(place, textMutation).map(([at, mutate]) => atPlace(at, inText(mutate))) },
)

/** Recorded values, each with a few members replaced, removed, repeated, moved or added, at any path. */
export function jsonValues(recorded: readonly Json[]): fc.Arbitrary<Json> {
  const texts = recorded.map((json) => JSON.stringify(json))
  return fc.tuple(fc.constantFrom(...texts), fc.array(edit, { minLength: 1, maxLength: 4 })).map(([text, edits]) => {
    const root = { value: JSON.parse(text) as Json }
    for (const change of edits) change(root)
    return get(root, 'value')
  })
}

/** Texts of such values: some as JSON has them, some with changes that only a text can have. */
export function jsonTexts(recorded: readonly Json[]): fc.Arbitrary<string> {
  const texts = jsonValues(recorded).map((json) => JSON.stringify(json))
  const recordedTexts = recorded.map((json) => JSON.stringify(json))
  const textual = fc.oneof(textMutation, literal, twice)
  return fc.oneof(
    { weight: 6, arbitrary: texts },
    { weight: 2, arbitrary: fc.tuple(texts, textual).map(([text, mutate]) => mutate(text)) },
    { weight: 3, arbitrary: mutated(recordedTexts, textual) },
  )
}

/** Numbers that no JavaScript number holds, in the place of one that is there. */
const literal: fc.Arbitrary<Mutation<string>> = fc
  .tuple(place, fc.constantFrom(...oddNumbers))
  .map(([at, number]) => replaceMatch(/-?\d+/g, at, () => number))

/** A member that an object has twice. */
const twice: fc.Arbitrary<Mutation<string>> = place.map((at) =>
  replaceMatch(/"[^"]*":(?:"[^"]*"|-?\d+|true|false|null),/g, at, (member) => member + member),
)

function replaceMatch(pattern: RegExp, at: number, replace: (match: string) => string): Mutation<string> {
  return (text) => {
    const matches = [...text.slice(0, 100_000).matchAll(pattern)]
    const match = matches[at % Math.max(1, matches.length)]
    if (match === undefined) return text
    return text.slice(0, match.index) + replace(match[0]) + text.slice(match.index + match[0].length)
  }
}

/** Changes the member at a place, taken modulo their number. */
function atPlace(at: number, change: (parent: Container, key: string) => void): Edit {
  return (root) => {
    const slots: Slot[] = []
    collectSlots(root, 0, slots)
    const slot = slots[at % Math.max(1, slots.length)]
    if (slot !== undefined) change(...slot)
  }
}

/** Puts a copy of what is at one place at another. */
function moved(from: number, to: number): Edit {
  return (root) => {
    let what = 'null'
    atPlace(from, (parent, key) => (what = JSON.stringify(get(parent, key))))(root)
    atPlace(to, (parent, key) => put(parent, key, JSON.parse(what) as Json))(root)
  }
}

type Slot = readonly [parent: Container, key: string]

/** Every member of every container, the outermost first. Of what is nested deeper than any recorded value, nothing. */
function collectSlots(container: Container, depth: number, slots: Slot[]): void {
  for (const key of Object.keys(container)) {
    slots.push([container, key])
    const inner = get(container, key)
    if (typeof inner === 'object' && inner !== null && depth < 30) collectSlots(inner as Container, depth + 1, slots)
  }
}

const get = (parent: Container, key: string): Json => (Reflect.get(parent, key) as Json | undefined) ?? null

/** Also of a name that means something to JavaScript. */
function put(parent: Container, key: string, what: Json): void {
  Object.defineProperty(parent, key, { value: what, enumerable: true, configurable: true, writable: true })
}

function remove(parent: Container, key: string): void {
  if (Array.isArray(parent)) parent.splice(Number(key), 1)
  else Reflect.deleteProperty(parent, key)
}

function add(name: string, what: () => Json) {
  return (parent: Container, key: string): void => {
    const inner = get(parent, key)
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) put(inner as Container, name, what())
    else put(parent, key, what())
  }
}

function repeated(count: number) {
  return (parent: Container, key: string): void => {
    const inner = get(parent, key)
    if (Array.isArray(parent)) parent.splice(Number(key), 0, ...Array.from({ length: count }, () => copyOf(inner)))
    else
      put(
        parent,
        key,
        typeof inner === 'string' ? inner.repeat(count) : Array.from({ length: count }, () => copyOf(inner)),
      )
  }
}

const copyOf = (json: Json): Json => JSON.parse(JSON.stringify(json)) as Json

function inText(mutate: Mutation<string>) {
  return (parent: Container, key: string): void => {
    const inner = get(parent, key)
    if (typeof inner === 'string') put(parent, key, mutate(inner))
  }
}
