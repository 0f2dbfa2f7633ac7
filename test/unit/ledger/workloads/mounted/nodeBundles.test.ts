import { expect, test } from 'vitest'
import { SharedBundles } from '../../../../../src/ledger/trust/sharedBundles.ts'
import { maxNodeAuthorities, NodeBundles } from '../../../../../src/ledger/workloads/mounted/nodeBundles.ts'
import type { MountState } from '../../../../../src/ledger/workloads/mounted/mountState.ts'
import { authority, bundleOf, mounted, nodeTells, pod, podList, svid } from '../../../../support/observations.ts'
import { watch } from '../../../../support/watchedLedger.ts'

/** A bundle of 64 authorities that no other number has. */
const large = (number: number) =>
  bundleOf(
    ...Array.from({ length: 64 }, (_, index) =>
      authority('a', { fingerprint: (number * 64 + index).toString(16).padStart(64, '0') }),
    ),
  )
const withBundle = (number: number, held?: number): MountState => ({
  mountBirthMs: 0,
  bundle: large(number),
  ...(held !== undefined && {
    held: { copy: { svid: svid(), sinceMs: 0, obtainedMs: undefined }, bundle: large(held), bornMs: 1, replacedMs: 2 },
  }),
})
const room = maxNodeAuthorities / 64

test('volumes with equal bundles share one, and a bundle that is gone makes room', () => {
  const bundles = new NodeBundles(new SharedBundles())
  const [first, second] = [withBundle(0), withBundle(0)].map((mount) => bundles.replace(undefined, mount))
  expect(first).toEqual(large(0))
  expect(second).toBe(first)
  for (let number = 1; number < room; number += 1) expect(bundles.replace(undefined, withBundle(number))).toBeDefined()
  expect(bundles.replace(undefined, withBundle(room))).toBeUndefined()
  expect(bundles.replace(undefined, withBundle(0))).toBe(first)
  bundles.replace({ mountBirthMs: 0, ...(first && { bundle: first }) }, undefined)
  expect(bundles.replace(undefined, withBundle(room))).toBeUndefined()
})

test('what containers hold of earlier mounts counts as well', () => {
  const bundles = new NodeBundles(new SharedBundles())
  let mount: MountState = { mountBirthMs: 0 }
  for (let number = 0; number < room; number += 1) {
    const bundle = bundles.replace(undefined, withBundle(number))
    const next = { mountBirthMs: 0, ...(bundle && { bundle }) }
    if (number === 0) mount = next
  }
  const { held } = withBundle(0, 0)
  const kept = held && { ...held, ...(mount.bundle && { bundle: mount.bundle }) }
  expect(bundles.replace(mount, { mountBirthMs: 1, bundle: large(1), ...(kept && { held: kept }) })).toEqual(large(1))
  expect(bundles.replace(undefined, withBundle(room))).toBeUndefined()
})

test('a node role that makes up bundles is refused them once, and its SVIDs are taken', () => {
  const volumes = Array.from({ length: room + 3 }, (_, index) => `v${index}`)
  const findings = volumes.map((volume, index) => mounted({ volume, bundle: large(index) }))
  const { ledger } = watch(...podList(pod({ volumes })), ...nodeTells('node-1', ...findings))
  const source = ledger.sources().find((status) => status.source === 'nodeFindings')
  expect(source?.rejections.get('too_many_authorities')).toBe(1)
  expect([...ledger.workloads()].flatMap((workload) => workload.copies())).toHaveLength(volumes.length)
})
