/**
 * Whether one resourceVersion is later than another of the same resource: they are decimal numbers of at most 20 digits that
 * grow (Kubernetes API Concepts, "Resource versions": comparable since 1.35, and so before wherever etcd stores). One that is
 * undefined is earlier than all others.
 */
export function isNewer(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined) return false
  if (other === undefined) return true
  return one.length === other.length ? one > other : one.length > other.length
}
