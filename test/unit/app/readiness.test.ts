import { expect, test } from 'vitest'
import type { KubernetesClient } from '../../../src/kubernetes/client.ts'
import { ListBudget } from '../../../src/kubernetes/listBudget.ts'
import { ManualClock } from '../../support/manualClock.ts'
import { runningApp } from '../../support/runningApp.ts'

/** An API server that takes connections and never answers. */
const silent: KubernetesClient = {
  budget: new ListBudget(1),
  request: (_method, _path, { signal } = {}) => untilAborted(signal),
  lines: (_path, { signal }) => untilAborted(signal),
  close: () => undefined,
  describe: () => 'nobody',
}

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)))
}

test('svidwatch is ready in time although nothing was seen and the clock of the machine is set back', async () => {
  const clock = new ManualClock()
  const app = await runningApp(['cluster'], { readiness: { deadline: '2m' } }, { clock, client: silent })
  const readiness = async () => (await fetch(`${app.probeUrl}/readyz`)).status
  clock.setBack(3_600_000)
  await clock.advance(119_999)
  expect(await readiness()).toBe(503)
  await clock.advance(1)
  expect(await readiness()).toBe(200)
})
