import type { Brake } from './brake.ts'
import { canaryBrakes } from './canary.ts'
import { capBrakes } from './caps.ts'
import { circuitBrakes } from './circuit.ts'
import { evidenceBrakes } from './evidence.ts'
import { ownerBrakes } from './owner.ts'
import { subjectBrakes } from './subject.ts'

/** All brakes. The first one that holds is the reason that is told: what never changes comes first, what passes with time last. */
export const brakes: readonly Brake[] = [
  ...subjectBrakes,
  ...evidenceBrakes,
  ...circuitBrakes,
  ...ownerBrakes,
  ...canaryBrakes,
  ...capBrakes,
]
