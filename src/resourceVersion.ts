/**
 * Reports whether one resourceVersion is later than another of the same resource. They are increasing decimal numbers of at most 20
 * digits (Kubernetes API Concepts, "Resource versions": comparable since 1.35, and before that wherever etcd is the storage).
 * undefined is earlier than all others.
 */
export function isNewer(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined) return false
  if (other === undefined) return true
  return one.length === other.length ? one > other : one.length > other.length
}

/**
 * Returns a resourceVersion as a number if the number has the same text, because a number takes less memory. `String` returns the
 * resourceVersion again.
 */
export function compactVersion(resourceVersion: string): number | string {
  const number = Number(resourceVersion)
  return String(number) === resourceVersion ? number : resourceVersion
}
