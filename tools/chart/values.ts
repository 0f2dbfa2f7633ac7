import type { Values } from './value.ts'
import { access } from './values/access.ts'
import { monitoring } from './values/monitoring.ts'
import { release } from './values/release.ts'
import { roles } from './values/roles.ts'

/** Every value of charts/svidwatch: values.yaml, its schema and the table of the README come from here. */
export const values: Values = { ...release, ...roles, ...access, ...monitoring }
