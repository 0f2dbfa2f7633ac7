import type { Part } from './observations.ts'

/**
 * Returns what `read` returns now for each namespace, or for the whole cluster if `namespaces` is undefined. It is read only once
 * for each, because it is asked for with every SVID.
 */
export function byNamespace<Value>(
  namespaces: readonly Part[] | undefined,
  read: (namespace?: Part) => Value,
): (namespace: string) => Value | undefined {
  if (namespaces === undefined) {
    const value = read()
    return () => value
  }
  const values = new Map(namespaces.map((namespace) => [namespace, read(namespace)]))
  return (namespace) => values.get(namespace)
}
