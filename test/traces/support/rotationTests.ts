import { expect, it } from 'vitest'
import type { RequestObservation } from '../../../src/ledger/issuance/observations.ts'
import type { JaegerSpan } from './jaeger.ts'
import type { Relay } from './relay.ts'

/** What has become of the requests that ended, and their traces. */
export interface Rotations {
  /** The fewest that must have been seen. */
  readonly atLeast: number
  /** By the uid of the request. */
  readonly ended: ReadonlyMap<string, RequestObservation>
  /** The traces in Jaeger, by the uid of the request. */
  readonly traces: ReadonlyMap<string, readonly JaegerSpan[]>
  /** What was sent to Jaeger. */
  readonly relay: Relay
}

/** The tests of the traces of requests that ended while svidwatch was killed and started three times. */
export function testRotations(rotations: () => Rotations): void {
  const named = ({ traces }: Rotations, uid: string, name: string) =>
    traces.get(uid)?.filter(({ operationName }) => operationName === name) ?? []

  it('are complete: one for each request, over three restarts', () => {
    const all = rotations()
    expect(all.traces.size).toBeGreaterThanOrEqual(all.atLeast)
    const incomplete = [...all.traces.keys()].filter((uid) => {
      const steps =
        all.ended.get(uid)?.state === 'issued'
          ? ['svid.rotation', 'svid.approval', 'svid.issuance', 'svid.mount']
          : ['svid.rotation', 'svid.approval']
      return steps.some((step) => named(all, uid, step).length === 0)
    })
    expect(incomplete.map((uid) => [uid, all.ended.get(uid)?.concludedMs])).toEqual([])
  })

  it('have the times of the objects, to the second', () => {
    const all = rotations()
    const seconds = (micros: number | undefined) => Math.floor((micros ?? NaN) / 1e6)
    for (const uid of all.traces.keys()) {
      const { createdMs = NaN, concludedMs = NaN, approvedMs = concludedMs } = all.ended.get(uid) ?? {}
      const [root, approval] = ['svid.rotation', 'svid.approval'].map((name) => named(all, uid, name)[0])
      const endOf = (span = root) => seconds((span?.startTime ?? NaN) + (span?.duration ?? NaN))
      const told = [seconds(root?.startTime), endOf(), endOf(approval)]
      expect([uid, ...told]).toEqual([uid, ...[createdMs, concludedMs, approvedMs].map((ms) => ms / 1000)])
    }
  })

  it('have no span id with two contents, however often a span came', () => {
    const { relay, traces } = rotations()
    const { different, repeats } = relay.counts
    process.stdout.write(`${traces.size} rotations; ${different} spans were sent, ${repeats} of them again\n`)
    expect(relay.contradictions).toEqual([])
    expect(different).toBeGreaterThan(traces.size)
  })

  it('are only as many as there were requests', () => {
    const all = rotations()
    expect(new Set([...all.traces.values()].flat().map(({ traceID }) => traceID)).size).toBe(all.traces.size)
    const roots = [...all.traces.keys()].map(
      (uid) => new Set(named(all, uid, 'svid.rotation').map(({ spanID }) => spanID)).size,
    )
    expect(new Set(roots)).toEqual(new Set([1]))
  })
}
