/** A JSON schema of draft-07, as far as the chart uses it. */
export interface JsonSchema {
  readonly [keyword: string]: unknown
}

/** What a value may be. */
export interface ValueType {
  /** Worded to follow "must be". */
  readonly rule: string
  readonly schema: JsonSchema
}

/** One value of the chart. */
export interface Value {
  readonly type: ValueType
  readonly default: unknown
  /** What the value means, in Markdown: a comment of values.yaml, and a row of the table in the chart's README. */
  readonly help: string
  /** A value as it would be written in a values file. */
  readonly example: unknown
}

/** A mapping of values. */
export interface Section {
  readonly help: string
  readonly values: Values
  /** Whether keys that are not declared are allowed too. */
  readonly open?: boolean
}

export interface Values {
  readonly [name: string]: Value | Section
}

export const isSection = (item: Value | Section): item is Section => 'values' in item

/** Returns all values with their paths, such as `image.tag`, in the order of their declaration. */
export function flattened(values: Values, prefix = ''): readonly (readonly [path: string, value: Value])[] {
  return Object.entries(values).flatMap(([name, item]) => {
    const path = `${prefix}${name}`
    return isSection(item) ? flattened(item.values, `${path}.`) : [[path, item] as const]
  })
}

/** Returns what a values file with all defaults contains. */
export function defaultsOf(values: Values): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(values).map(([name, item]) => [name, isSection(item) ? defaultsOf(item.values) : item.default]),
  )
}
