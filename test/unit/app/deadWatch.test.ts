import { expect, onTestFinished, test } from 'vitest'
import type { App } from '../../../src/app/app.ts'
import { createClientFromText } from '../../../src/kubernetes/client.ts'
import { credentialsFromText } from '../../../src/kubernetes/credentials.ts'
import { startFaultyRelay } from '../../support/faultyRelay.ts'
import { metricsOf, runningApp, values } from '../../support/runningApp.ts'
import { lifetimeMs, worldOnHold } from '../../support/worldOnHold.ts'

const source = 'source="certificateRequests"'

/** What a scrape shows of the sight of CertificateRequests, and of missed renewals. */
async function seenBy(app: App) {
  const text = await metricsOf(app)
  const [time = NaN] = values(text, 'svidwatch_time_seconds')
  const [contact = NaN] = values(text, 'svidwatch_source_last_contact_timestamp_seconds', source)
  const missed = ['renewal_missed', 'expired'].flatMap((code) =>
    values(text, 'spiffe_problem_since_timestamp_seconds', `code="${code}"`),
  )
  const [up] = values(text, 'svidwatch_source_up', source)
  return { up, ageS: time - contact, missed: missed.length, copies: values(text, 'spire_svid_expiry_seconds').length }
}

test('no healthy SVID is overdue through a dead watch, and the outage is told within 2 minutes', async () => {
  const held = await worldOnHold([{ name: 'cart-0' }, { name: 'cart-1' }])
  const { clock, world } = held
  const relay = await startFaultyRelay(credentialsFromText(world.api.kubeconfig))
  onTestFinished(() => relay.close())
  const client = createClientFromText(relay.kubeconfig, clock)
  const app = await runningApp(['cluster'], {}, { clock, client })
  await held.until(async () => expect(await seenBy(app)).toMatchObject({ up: 1, copies: 2 }))

  relay.freeze()
  relay.fault = () => ({ answer: 'never' })
  await clock.advance(1000) // The last watch may have been answered just before.
  const { ageS } = await seenBy(app)
  for (let s = 5; s <= 2 * (lifetimeMs / 1000); s += 5) {
    for (let step = 0; step < 5; step += 1) await clock.advance(1000)
    const seen = await seenBy(app)
    expect(seen).toMatchObject({ missed: 0, ageS: ageS + s })
    if (s > 120) expect(seen.up).toBe(0)
  }

  relay.fault = () => undefined
  await held.until(async () => {
    const seen = await seenBy(app)
    expect(seen.missed).toBe(0)
    expect(seen).toMatchObject({ up: 1, copies: 2 })
    expect(seen.ageS).toBeLessThan(30)
  })
})
