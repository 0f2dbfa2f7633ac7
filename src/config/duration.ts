const unitsMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
type Unit = keyof typeof unitsMs

/** Matches every duration, and nothing else. */
export const durationPattern = '^(\\d{1,9})(ms|s|m|h|d)$'

/** Parses a duration such as `500ms`, `5s`, `2m`, `1h` or `30d` to milliseconds. Returns undefined for any other text. */
export function durationMs(text: string): number | undefined {
  const [, digits, unit] = new RegExp(durationPattern).exec(text) ?? []
  return digits === undefined ? undefined : Number(digits) * unitsMs[unit as Unit]
}
