import type { Scenario } from '../scenario.ts'
import { twins, twoCopies } from './copies.ts'
import { issuers, waiting } from './issuers.ts'
import { missed } from './missed.ts'
import { watching } from './watching.ts'

export const scenarios: readonly Scenario[] = [...missed, ...watching, ...twoCopies, ...twins, ...issuers, ...waiting]
