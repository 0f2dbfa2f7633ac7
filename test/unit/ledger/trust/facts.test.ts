import { expect, it } from 'vitest'
import { authority, bundleOf, epochMs, mounted, nodeTells, pod, podList, svid } from '../../../support/observations.ts'
import { minute, watch } from '../../../support/watchedLedger.ts'

const [oldBundle, newBundle] = [bundleOf(authority('a')), bundleOf(authority('b'))]

const factsOf = ({ ledger }: ReturnType<typeof watch>) =>
  [...ledger.facts()].map(({ bundle, bundleKnownMs, node }) => ({ bundle, bundleKnownMs, node }))

it('the bundle beside a mounted SVID is known until the node was seen last', async () => {
  const world = watch(...podList(pod()), ...nodeTells('node-1', mounted({ bundle: oldBundle })))
  await world.clock.advance(minute)
  expect(factsOf(world)).toEqual([{ bundle: oldBundle, bundleKnownMs: epochMs, node: 'node-1' }])
  world.ledger.report({ kind: 'nodeContact', node: 'node-1' })
  expect(factsOf(world)).toMatchObject([{ bundleKnownMs: epochMs + minute }])
})

it('containers with an earlier mount keep its bundle, and without knowing that one nothing is said of it', () => {
  const [birthMs, startMs] = [epochMs - 10 * minute, epochMs - 9 * minute]
  const running = pod({ mountedSinceMs: startMs })
  const later = mounted({ bundle: newBundle, mountBirthMs: epochMs, reading: { svid: svid({}, -1) } })
  const earlier = mounted({ bundle: oldBundle, mountBirthMs: birthMs })
  const world = watch(...podList(running), ...nodeTells('node-1', earlier))
  world.ledger.report({ kind: 'mounted', mounted: later, node: 'node-1' })
  expect(factsOf(world)).toMatchObject([{ bundle: oldBundle }])
  expect(factsOf(watch(...podList(running), ...nodeTells('node-1', later)))).toMatchObject([{ bundle: undefined }])
})

it('a configured file has the bundle that is configured with it', () => {
  const world = watch({ kind: 'file', file: { path: '/svid.pem', reading: { svid: svid() }, bundle: oldBundle } })
  expect(factsOf(world)).toEqual([{ bundle: oldBundle, bundleKnownMs: epochMs, node: '' }])
})
