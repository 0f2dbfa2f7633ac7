/** Formats a time in milliseconds since the Unix epoch as RFC 3339 in UTC. */
export function rfc3339(ms: number): string {
  return new Date(ms).toISOString()
}

/**
 * Formats a time as Kubernetes' MicroTime. The API server takes exactly six digits of the second, and answers any other number of them
 * with 400.
 */
export function microTime(ms: number): string {
  return rfc3339(ms).replace('Z', '000Z')
}
