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
  return pairsOf(names, values).join(',')
}

/** The same with the brace and the space behind them: of a line in a hundred thousand, each part that is joined takes its time. */
export function closedLabelText(names: readonly string[], values: readonly string[]): string {
  const pairs = pairsOf(names, values)
  const last = pairs.pop() ?? ''
  return [...pairs, `${last}} `].join(',')
}

function pairsOf(names: readonly string[], values: readonly string[]): string[] {
  const pairs: string[] = []
  for (const [index, name] of names.entries()) {
    const value = values[index] ?? ''
    if (value !== '') pairs.push(`${name}="${escapeLabelValue(value)}"`)
  }
  return pairs
}
