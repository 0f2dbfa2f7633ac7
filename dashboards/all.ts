import { coverage } from './coverage.ts'
import { federation } from './federation.ts'
import { health } from './health.ts'
import { lifecycle } from './lifecycle.ts'
import type { Dashboard } from './parts/panel.ts'
import { rotation } from './rotation.ts'

/** Every dashboard that is shipped. */
export const dashboards: readonly Dashboard[] = [health, lifecycle, federation, coverage, rotation]
