import coverage from './coverage.json' with { type: 'json' }
import federation from './federation.json' with { type: 'json' }
import health from './health.json' with { type: 'json' }
import lifecycle from './lifecycle.json' with { type: 'json' }
import rotation from './rotation.json' with { type: 'json' }
import type { DashboardName } from './parts/panel.ts'

/** The dashboards as Grafana imports them, by the names of their files. They can be had without the SDK that made them. */
export const shippedDashboards: Readonly<Record<DashboardName, object>> = {
  health,
  lifecycle,
  federation,
  coverage,
  rotation,
}
