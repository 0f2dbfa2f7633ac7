const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' }

/** A label value as both formats write it between quotes. */
function escapeLabelValue(value: string): string {
  return value.replace(/[\\"\n]/g, (character) => escapes[character] ?? character)
}

/**
 * Labels as they stand between the braces of a sample: `a="1",b="2"`; '' for none. A label without a value is left out:
 * Prometheus takes an empty label and a missing one for the same.
 */
export function labelText(names: readonly string[], values: readonly string[]): string {
  const pairs: string[] = []
  for (const [index, name] of names.entries()) {
    const value = values[index] ?? ''
    if (value !== '') pairs.push(`${name}="${escapeLabelValue(value)}"`)
  }
  return pairs.join(',')
}

/** Renders labels of one shape; each object once, for as long as it lives, so it must not change. */
export function cachedLabelText<Name extends string>(
  names: readonly Name[],
): (labels: Readonly<Record<Name, string>>) => string {
  const known = new WeakMap<object, string>()
  return (labels) => {
    const before = known.get(labels)
    if (before !== undefined) return before
    const values = names.map((name) => labels[name])
    const text = labelText(names, values)
    known.set(labels, text)
    return text
  }
}
