import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByPod } from '../../../../src/ledger/workloads/byPod.ts'

const pods = ['pod-1', 'pod-2']
const keys = ['a', 'b', 'c']
const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('set', 'delete'),
    pod: fc.constantFrom(...pods),
    key: fc.constantFrom(...keys),
    value: fc.nat(),
  }),
)

test('it holds what was set under each pod and key and not deleted since', () => {
  fc.assert(
    fc.property(steps, (history) => {
      const byPod = new ByPod<{ readonly key: string; readonly value: number }>(({ key }) => key)
      const truth = new Map<string, Map<string, number>>(pods.map((pod) => [pod, new Map()]))
      for (const { kind, pod, key, value } of history) {
        if (kind === 'set') byPod.set(pod, { key, value })
        else byPod.delete(pod, key)
        if (kind === 'set') truth.get(pod)?.set(key, value)
        else truth.get(pod)?.delete(key)
      }
      for (const [pod, values] of truth) {
        for (const key of keys) expect(byPod.get(pod, key)?.value).toBe(values.get(key))
        expect(Array.from(byPod.getAll(pod), ({ value }) => value).sort()).toEqual([...values.values()].sort())
        expect(byPod.has(pod)).toBe(values.size > 0)
      }
      const held = [...truth.values()].flatMap((values) => [...values.values()])
      expect(Array.from(byPod.all(), ({ value }) => value).sort()).toEqual(held.sort())
      expect(byPod.size).toBe(held.length)
      expect([...byPod.podUids()].sort()).toEqual(pods.filter((pod) => truth.get(pod)?.size))
    }),
  )
})

test.each([1, 2, 3])('of %i values of one pod, all are told although each is deleted when it is told', (count) => {
  const byPod = new ByPod<string>((value) => value)
  for (const key of keys.slice(0, count)) byPod.set('pod-1', key)
  const told: string[] = []
  for (const value of byPod.getAll('pod-1')) {
    told.push(value)
    byPod.delete('pod-1', value)
  }
  expect(told).toHaveLength(count)
  expect(byPod.has('pod-1')).toBe(false)
})
