import { expect, test } from 'vitest'
import type { App } from '../../../src/app/app.ts'
import { ConfigMapStore } from '../../../src/checkpoint/configMapStore.ts'
import type { Role } from '../../../src/role.ts'
import { createClientFromText } from '../../../src/kubernetes/client.ts'
import { metricsOf, runningApp, values } from '../../support/runningApp.ts'
import { worldOnHold, type WorldOnHold } from '../../support/worldOnHold.ts'

/** svidwatch, all of it in one process unless told otherwise, over an embedded world. */
function svidwatchOver(
  { world, clock, kubeletRoot }: WorldOnHold,
  roles: readonly Role[] = ['cluster', 'node'],
): Promise<App> {
  const client = createClientFromText(world.api.kubeconfig, clock)
  const store = new ConfigMapStore(client, 'platform', 'svidwatch-state')
  return runningApp(roles, { mountedSvids: { kubeletRoot } }, { clock, client, store })
}

const successes = (text: string) =>
  values(text, 'spire_attestation_success_total').reduce((all, value) => all + value, 0)

test('each copy has the seconds that its certificate has, through renewals', async () => {
  const held = await worldOnHold([{ name: 'cart-0' }, { name: 'cart-1' }])
  const app = await svidwatchOver(held)
  const isTrue = async () => {
    const text = await metricsOf(app)
    for (const name of ['cart-0', 'cart-1']) {
      const { mounted, newestRequest } = await held.pod(name)
      const left = (notAfterMs = NaN) => (notAfterMs - held.clock.now()) / 1000
      expect(values(text, 'spire_svid_expiry_seconds', `pod="${name}"`, 'copy="mounted"')).toEqual([
        left(mounted?.notAfterMs),
      ])
      expect(values(text, 'spire_svid_expiry_seconds', `pod="${name}"`, 'copy="issued"')).toEqual([
        left(newestRequest?.certificate?.notAfterMs),
      ])
    }
    return successes(text)
  }
  await held.until(isTrue)
  await held.until(async () => expect(await isTrue()).toBe(4))
})

test('each kind of trouble shows as what it is', async () => {
  const held = await worldOnHold([
    { name: 'stuck-0', fate: 'stuck' },
    { name: 'denied-0', fate: 'denied' },
    { name: 'dead-0', fate: 'deadMount' },
    { name: 'ended-0', fate: 'ended' },
  ])
  const app = await svidwatchOver(held)
  await held.until(async () => {
    const text = await metricsOf(app)
    expect(values(text, 'spire_svid_expiry_seconds', 'pod="stuck-0"', 'copy="mounted"')[0]).toBeLessThan(0)
    expect(values(text, 'spiffe_certificate_requests', 'state="approved"')).toEqual([1])
    expect(
      values(text, 'spire_attestation_failure_total', 'reason="denied_spiffe_id"').some((value) => value > 0),
    ).toBe(true)
    expect(values(text, 'spiffe_svid_drift', 'pod="dead-0"', 'cause="mount_stale"')).toEqual([1])
    expect(text).not.toContain('ended-0')
  })
})

test('without the API server everything known stays, and the blindness shows', async () => {
  const held = await worldOnHold([{}])
  const app = await svidwatchOver(held)
  const copies = async () => values(await metricsOf(app), 'spire_svid_expiry_seconds').length
  const sight = async () => values(await metricsOf(app), 'svidwatch_source_up')
  await held.until(async () => expect(await copies()).toBe(2))
  await held.world.api.close()
  await held.until(async () => expect(await sight()).toEqual([0, 0, 0, 0, 0, 1, 1, 0, 0]))
  expect(await copies()).toBe(2)
})

test('a restart goes on counting where the last process stopped, with what came and went in between', async () => {
  const held = await worldOnHold([{}])
  const first = await svidwatchOver(held)
  await held.until(async () => expect(successes(await metricsOf(first))).toBe(1))
  await first.close()
  const newest = async () => (await held.pod()).newestRequest
  const issued = new Set([(await newest())?.name])
  await held.until(async () => {
    const request = await newest()
    if (request?.state === 'issued') issued.add(request.name)
    expect(issued.size).toBe(3)
  })
  const last = await newest()
  const second = await svidwatchOver(held)
  await held.until(async () => {
    expect(successes(await metricsOf(second))).toBe(3)
    expect(await newest()).toEqual(last)
  })
})

test('a restart forgets no SVID whose renewal is stuck, and whose request is gone', async () => {
  const held = await worldOnHold([{ name: 'stuck-0', fate: 'stuck' }])
  const expiries = async (app: App) =>
    values(await metricsOf(app), 'spiffe_svid_not_after_timestamp_seconds', 'pod="stuck-0"', 'copy="issued"')
  const waits = async (app: App) => values(await metricsOf(app), 'spiffe_certificate_requests', 'state="approved"')
  const first = await svidwatchOver(held, ['cluster'])
  await held.until(async () => expect(await waits(first)).toEqual([1]))
  const before = await expiries(first)
  expect(before).toHaveLength(1)
  await first.close()
  const second = await svidwatchOver(held, ['cluster'])
  await held.until(async () => {
    expect(await waits(second)).toEqual([1])
    expect(await expiries(second)).toEqual(before)
  })
})

test('it is ready once every source has looked, and stops when it is told, more than once', async () => {
  const held = await worldOnHold([{}])
  const app = await svidwatchOver(held)
  await held.until(async () => expect((await fetch(`${app.probeUrl}/readyz`)).status).toBe(200))
  await Promise.all([app.close(), app.close()])
  await expect(fetch(`${app.url}/metrics`)).rejects.toThrow('fetch failed')
})
