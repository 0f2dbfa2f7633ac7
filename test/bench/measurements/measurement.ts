import type { SimulatedApi } from '../simulatedApi.ts'
import type { Figure } from '../figure.ts'

/** What is measured, and how large the world is for it. */
export interface Task {
  /** How many objects there are; what an object is, the figure's name says. */
  readonly size: number
  /** An API server with so many CertificateRequests, the pods that own them, and their nodes. */
  readonly api: () => Promise<SimulatedApi>
  /** A folder for profiles of svidwatch, where they are wanted. */
  readonly profileInto?: string | undefined
}

export type Measure = (task: Task) => Promise<readonly Figure[]>
