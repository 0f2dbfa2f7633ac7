/** Returns the fields whose values are known. An empty text stands for a value that is not known. */
export function known<Value>(
  fields: Readonly<Record<string, Value>>,
): Readonly<Record<string, Exclude<Value, undefined>>> {
  const all = Object.entries(fields).filter(([, value]) => value !== undefined && value !== '')
  return Object.fromEntries(all) as Readonly<Record<string, Exclude<Value, undefined>>>
}
