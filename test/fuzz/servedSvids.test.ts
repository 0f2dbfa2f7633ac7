import { isIP } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { podProjection } from '../../src/sources/pods/projection.ts'
import { probedPodProjection } from '../../src/sources/servedSvids/probedPod.ts'
import { fuzz } from './support/fuzz.ts'

const driver = 'csi.example.org'
const project = podProjection({ drivers: [driver], agents: [], agentSockets: [] })
const probedPod = probedPodProjection(['https'])

const item = fc.oneof(fc.string(), fc.nat(70_000).map(String), fc.constantFrom('https', 'never', ' 443 ', '', '::1'))
const annotation = fc.oneof(
  fc.string({ maxLength: 300 }),
  fc.array(item, { maxLength: 12 }).map((items) => items.join()),
)
const address = fc.oneof(fc.ipV4(), fc.ipV4Extended(), fc.ipV6(), fc.string(), fc.constantFrom('::ffff:127.0.0.1', '0'))
const port = fc.record({ name: fc.constantFrom('https', 'http'), containerPort: fc.oneof(fc.integer(), fc.string()) })
const pods = fc.record({ annotation, address, ports: fc.array(port, { maxLength: 12 }), hostNetwork: fc.boolean() })

test('whatever a pod says, only plain addresses and a few ports are probed', () =>
  fuzz(pods, ({ annotation: value, address: podIP, ports, hostNetwork }) => {
    const raw = {
      metadata: { name: 'web', namespace: 'team-a', uid: 'u-1', annotations: { 'svidwatch.io/probe': value } },
      spec: { hostNetwork, containers: [{ ports }], volumes: [{ name: 'svid', csi: { driver } }] },
      status: { phase: 'Running', podIP, hostIP: '10.0.0.5' },
    }
    const probed = probedPod(raw, project(raw))
    if (probed === undefined) return
    expect(probed.ports.length).toBeLessThanOrEqual(8)
    expect(probed.ports.every((each) => Number.isInteger(each) && each >= 1 && each <= 65_535)).toBe(true)
    expect(probed.problem?.detail ?? 'none').toMatch(/^\P{C}{1,400}$/u)
    if (probed.address === '') return
    expect(probed.hostNetwork).toBe(false)
    expect(isIP(probed.address)).not.toBe(0)
    expect(probed.address).not.toMatch(/^(0|127|169\.254|22[4-9]|2[3-5]\d)\.|^::|^fe[89a-f]|^ff/i)
  }))
