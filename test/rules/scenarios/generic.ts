import type { Firing, Sample, Scenario, Series } from '../scenario.ts'

/** An alert on one condition, as it begins, lasts and ends. */
export interface Course {
  readonly name: string
  /** What is there whatever happens. */
  readonly always?: readonly Series[]
  /** What is told, with other labels in the place of the usual ones; `at` is what it tells at a time. */
  readonly told: (labels: Readonly<Record<string, string>>, at: (t: number) => Sample) => readonly Series[]
  /** The sample of trouble, and of none. */
  readonly trouble: Sample
  readonly calm: Sample
  readonly firing: (labels: Readonly<Record<string, string>>) => Firing
  /** For how long it must last, and how long the alert goes on; in seconds. */
  readonly for: number
  readonly keep: number
  /** Labels that tell one trouble from another, each with two values. */
  readonly by: Readonly<Record<string, readonly [string, string]>>
}

/** When the trouble of each course begins. */
export const courseStart = 120
const start = courseStart

/** It fires after its time, not before, ends when it should, bears what lasts shorter, and is told for each of its labels. */
export function courses({ name, always = [], told, trouble, calm, firing, for: lasts, keep, by }: Course): Scenario[] {
  const usual = Object.fromEntries(Object.entries(by).map(([label, [value]]) => [label, value]))
  const during = (from: number, to: number) => (t: number) => (t >= from && t < to ? trouble : calm)
  const end = start + lasts + 60
  const alert = firing(usual)
  return [
    {
      name: `${name}: it fires after ${lasts} s, and ends ${keep} s after the trouble`,
      series: [...always, ...told(usual, during(start, end))],
      moments: [
        [start - 15],
        ...(lasts > 0 ? ([[start + lasts - 15]] as const) : []),
        [start + lasts, alert],
        [end - 15, alert],
        ...(keep > 0 ? ([[end + keep - 15, alert]] as const) : []),
        [end + keep],
      ],
    },
    ...(lasts > 0
      ? [
          {
            name: `${name}: shorter trouble is nobody's`,
            series: [...always, ...told(usual, during(start, start + lasts))],
            moments: [[start + lasts], [start + lasts + 60]] as const,
          },
        ]
      : []),
    ...Object.entries(by).map(([label, [, other]]) => ({
      name: `${name}: it is told for each ${label}`,
      series: [
        ...always,
        ...told(usual, during(start, Infinity)),
        ...told({ ...usual, [label]: other }, during(start, Infinity)),
      ],
      moments: [[start + lasts, alert, firing({ ...usual, [label]: other })]] as const,
    })),
    ...Object.entries(by).map(([label, [, other]]) => ({
      name: `${name}: it is told beside another ${label} where all is well`,
      series: [...always, ...told(usual, during(start, Infinity)), ...told({ ...usual, [label]: other }, () => calm)],
      moments: [[start + lasts, alert]] as const,
    })),
  ]
}
