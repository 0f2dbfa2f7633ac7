import { expect, it } from 'vitest'
import { runExactness } from '../faults/exactness.ts'
import { planOf } from '../faults/plan.ts'
import { sizeFromEnvironment } from '../faults/size.ts'
import { startLoadedCluster } from './support/loadedCluster.ts'

const size = sizeFromEnvironment({
  requests: 600,
  faults: 2,
  kills: 2,
  perSecond: 50,
  outageSeconds: 2,
})

it.skipIf(!process.env.SVIDWATCH_TEST_STOP_API_SERVER)(
  `counts ${size.requests} requests to one while the API server stops ${size.faults} times and svidwatch is killed ${size.kills} times (seed ${size.seed})`,
  { timeout: 3_600_000 },
  async () => {
    const world = await startLoadedCluster(size)
    const result = await runExactness(world, planOf(['API server restarted'], size), console.log)
    expect(result.problems).toEqual([])
    expect(result.differences).toEqual([])
    expect(result.scrapes).toBeGreaterThan(0)
  },
)
