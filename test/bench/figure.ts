/** What a figure is told in. */
export type Unit = 'ms' | 's' | 'bytes' | 'MiB' | 'MB' | 'events/s' | '% of a core'

/** One line of the bench's table. */
export interface Figure {
  readonly name: string
  readonly unit: Unit
  readonly measured: number
  /** What it must not exceed at full size, or fall below where it is events/s. */
  readonly goal?: number
  /** The same by another program, in the same run. */
  readonly anchor?: Anchor
  /** Whether it is for all objects together, or already for each: sizes can be compared. Without it, it is for neither. */
  readonly of?: 'all' | 'each'
}

export interface Anchor {
  readonly name: string
  readonly measured: number
  /** How much of it svidwatch may take, at full size. */
  readonly goalRatio?: number
}
