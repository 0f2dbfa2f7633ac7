import { describe, expect, it } from 'vitest'
import { projectPod } from '../../../../src/sources/pods/projection.ts'
import { fixtureText } from '../../../support/fixtures.ts'

const driver = 'spiffe.csi.cert-manager.io'
const { items } = JSON.parse(fixtureText('csi/pods-team-a.json')) as { readonly items: readonly object[] }

describe('a recorded pod', () => {
  it('is kept with everything that the ledger needs, and nothing else', () => {
    expect(projectPod(items[0], [driver])).toEqual({
      uid: '8b12dd94-2819-422c-ae2c-e4a9f272ea9c',
      namespace: 'team-a',
      name: 'api-fsgroup',
      node: 'node-1',
      ended: false,
      volumes: ['spiffe'],
      lastContainerStartMs: Date.parse('2026-11-22T07:59:42Z'),
    })
  })

  it('is known by the volumes of the drivers that are asked for, and by no others', () => {
    expect(items.map((item) => projectPod(item, ['another', driver])?.volumes)).toEqual(items.map(() => ['spiffe']))
    expect(items.flatMap((item) => projectPod(item, ['another']) ?? [])).toEqual([])
  })
})

const volume = (name: string, of = driver) => ({ name, csi: { driver: of } })
const running = (startedAt: string) => ({ state: { running: { startedAt } } })

/** A pod with an SVID, scheduled and running unless its fields say otherwise. */
const pod = (spec: object, status: object) => ({
  metadata: { uid: 'pod-1', namespace: 'team-a', name: 'web-0' },
  spec: { nodeName: 'node-1', volumes: [volume('spiffe')], ...spec },
  status: { phase: 'Running', ...status },
})

describe('a pod', () => {
  it.each([
    ['Pending', false],
    ['Running', false],
    ['Unknown', false],
    ['Succeeded', true],
    ['Failed', true],
  ])('in the phase %s has ended: %s', (phase, ended) => {
    expect(projectPod(pod({}, { phase }), [driver])).toMatchObject({ ended })
  })

  it.each<[string, unknown]>([
    ['no volumes', undefined],
    ['ordinary volumes', [{ name: 'data', emptyDir: {} }]],
    ['volumes of other drivers', [volume('data', 'ebs.csi.aws.com')]],
  ])('with %s is none of ours', (_, volumes) => {
    expect(projectPod(pod({ volumes }, {}), [driver])).toBeUndefined()
  })

  it('has all volumes of all drivers that mount SVIDs', () => {
    const volumes = [volume('one'), { name: 'data', emptyDir: {} }, volume('two', 'other'), volume('x', 'ebs')]
    expect(projectPod(pod({ volumes }, {}), [driver, 'other'])).toMatchObject({ volumes: ['one', 'two'] })
  })

  it('is on no node until it is scheduled', () => {
    expect(projectPod(pod({ nodeName: undefined }, { phase: 'Pending' }), [driver])).toMatchObject({ node: '' })
  })

  it('tells when its youngest running container started', () => {
    const containerStatuses = [
      running('2026-01-01T00:00:01Z'),
      { state: { waiting: { reason: 'CrashLoopBackOff' } } },
      running('2026-01-01T00:00:03Z'),
      running('2026-01-01T00:00:02Z'),
    ]
    expect(projectPod(pod({}, { containerStatuses }), [driver])?.lastContainerStartMs).toBe(
      Date.parse('2026-01-01T00:00:03Z'),
    )
  })

  it.each([
    ['has not started', { waiting: { reason: 'ContainerCreating' } }],
    ['has terminated', { terminated: { startedAt: '2026-01-01T00:00:01Z' } }],
  ])('tells no start while its only container %s', (_, state) => {
    expect(projectPod(pod({}, { containerStatuses: [{ state }] }), [driver])).not.toHaveProperty('lastContainerStartMs')
  })
})
