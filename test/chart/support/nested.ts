import type { Values } from './render.ts'

/** Returns what a values file contains that sets these values, by their paths, such as `image.tag`. */
export function nested(entries: readonly (readonly [path: string, value: unknown])[]): Values {
  return entries.reduce<Values>((given, [path, value]) => withValue(given, path.split('.'), value), {})
}

function withValue(given: Values, [name = '', ...rest]: readonly string[], value: unknown): Values {
  if (rest.length === 0) return { ...given, [name]: value }
  return { ...given, [name]: withValue((given[name] ?? {}) as Values, rest, value) }
}
