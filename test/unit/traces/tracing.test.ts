import { expect, it } from 'vitest'
import type { DiagnosisChange } from '../../../src/diagnosis/diagnosis.ts'
import { rotationIds } from '../../../src/traces/ids.ts'
import { startTracing } from '../../../src/traces/tracing.ts'
import { startCollector } from '../../support/collector.ts'
import {
  change,
  epochMs,
  mounted,
  nodeTells,
  pod,
  podList,
  request,
  requestList,
  svid,
} from '../../support/observations.ts'
import { minute, watch } from '../../support/watchedLedger.ts'

const former = svid()
const renewed = svid({}, -40)

/** Traces of a pod whose server presents the former SVID when the renewed one is issued and mounted. */
async function tracedRenewal() {
  const collector = await startCollector()
  const { ledger, clock } = watch(
    ...podList(pod({ mountedSinceMs: [epochMs] })),
    ...requestList('9', request({ svid: former, createdMs: epochMs - 5_000, concludedMs: epochMs - 4_000 })),
    ...nodeTells('node-1', mounted({ reading: { svid: former } })),
  )
  let tell: (change: DiagnosisChange) => void = () => undefined
  const tracing = startTracing({
    ...{ settings: { endpoint: collector.url }, env: {}, clock, version: '0.1.0', headers: undefined },
    ledger: { follow: ledger.follow, placeOf: (one) => ledger.placeOf(one) },
    diagnoses: {
      follow(listener) {
        tell = listener
        return () => undefined
      },
    },
    ...{ queued: () => undefined, lost: () => undefined, troubled: () => undefined, misconfigured: () => undefined },
  })
  const serves = (one = renewed) => {
    ledger.report({ kind: 'served', served: { target: { podUid: 'pod-1', port: 8443 }, result: { svid: one } } })
  }
  serves(former)
  await clock.advance(40 * minute + 2_000)
  const times = { createdMs: epochMs + 40 * minute, concludedMs: epochMs + 40 * minute + 1_000 }
  ledger.report(
    change('added', request({ uid: 'renewal', name: 'web-2', resourceVersion: '20', svid: renewed, ...times })),
  )
  const writtenMs = clock.now() - 500
  ledger.report({ kind: 'mounted', mounted: mounted({ reading: { svid: renewed }, writtenMs }), node: 'node-1' })
  return {
    clock,
    serves,
    /** A problem of the server has ended. */
    notReloadedEnds: () => {
      const subject = { namespace: 'team-a', pod: 'web-1', volume: 'spiffe', node: 'node-1' }
      const rest = {
        severity: 'warning',
        key: 'x',
        reason: '',
        evidence: {},
        remedy: 'reload',
        explainedBy: '',
      } as const
      tell({ is: 'ended', diagnosis: { code: 'not_reloaded', subject, sinceMs: clock.now(), muted: false, ...rest } })
    },
    sent: async () => {
      await tracing.close(new AbortController().signal)
      return collector.spans()
    },
  }
}

it('a server that presents the renewed SVID ends the trace of its rotation', async () => {
  const { clock, serves, sent } = await tracedRenewal()
  await clock.advance(10_000)
  serves()
  const { traceId } = rotationIds('renewal')
  const names = (await sent()).filter((span) => span.traceId === traceId).map(({ name }) => name)
  expect(names.sort()).toEqual(['svid.approval', 'svid.issuance', 'svid.mount', 'svid.rotation', 'svid.served'])
})

it('a server that does not reload is a problem that is linked to the rotation', async () => {
  const { clock, notReloadedEnds, sent } = await tracedRenewal()
  await clock.advance(10 * minute)
  notReloadedEnds()
  const [problem] = (await sent()).filter(({ name }) => name === 'svid.problem')
  expect(problem?.links).toMatchObject([rotationIds('renewal')])
})

it('a rotation whose SVID was presented before its spans were made is linked to no problem', async () => {
  const { clock, serves, notReloadedEnds, sent } = await tracedRenewal()
  serves()
  await clock.advance(10 * minute)
  notReloadedEnds()
  const [problem] = (await sent()).filter(({ name }) => name === 'svid.problem')
  expect(problem?.links ?? []).toEqual([])
})
