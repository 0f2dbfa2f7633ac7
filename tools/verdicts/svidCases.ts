import { chainFaults } from './chainFaults.ts'
import { dateFaults } from './dateFaults.ts'
import { leafFaults } from './leafFaults.ts'
import type { SvidCase } from './svidParts.ts'

/** X.509-SVIDs and the trust bundles that they are verified with: each rule broken once. Each group is one table of the docs. */
export const svidCases: readonly { readonly group: string; readonly cases: readonly SvidCase[] }[] = [
  { group: 'The leaf', cases: leafFaults },
  { group: 'The chain', cases: chainFaults },
  { group: 'Dates', cases: dateFaults },
]
