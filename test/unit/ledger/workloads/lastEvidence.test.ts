import { describe, expect, it } from 'vitest'
import { Judge } from '../../../../src/diagnosis/judge.ts'
import type { Ledger } from '../../../../src/ledger/ledger.ts'
import type { Observation } from '../../../../src/ledger/observations.ts'
import type { SourceName } from '../../../../src/ledger/sight/observations.ts'
import type { ManualClock } from '../../../support/manualClock.ts'
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
} from '../../../support/observations.ts'
import { contact, gone, minute, watch } from '../../../support/watchedLedger.ts'

/** An SVID of 5 minutes: its renewal is due after 200 s, and missed after 227 s. */
const shortLived = (issuedMs: number) =>
  svid({ notBeforeMs: issuedMs, notAfterMs: issuedMs + 5 * minute, fingerprint: `fingerprint-${issuedMs}` })
const missedS = 227

const first = request({ svid: shortLived(epochMs) })
const renewed = (afterS: number): Observation => {
  const createdMs = epochMs + afterS * 1000
  const times = { createdMs, approvedMs: createdMs, concludedMs: createdMs }
  return change('added', request({ uid: 'request-2', resourceVersion: '200', ...times, svid: shortLived(createdMs) }))
}

/** A workload whose SVID was just issued, in a cluster without node roles. */
const issuedOnly = () => watch(...podList(pod()), ...requestList('100', first))

const node = 'node-1'
const mountedFirst = mounted({ reading: { svid: shortLived(epochMs) } })

/** The same workload in a cluster with node roles, whose files have been seen. */
const mountedToo = () => watch(...podList(pod()), ...requestList('100', first), ...nodeTells(node, mountedFirst))

/** Returns the codes of the problems of SVIDs, and of their issuer. */
function problems(ledger: Ledger, clock: ManualClock): readonly string[] {
  const codes: string[] = []
  Array.from(new Judge(ledger, clock).judge(({ code }) => codes.push(code)))
  return codes.filter((code) => !['agent_down', 'source_blind', 'node_blind'].includes(code))
}

/** Lets time pass up to `untilS` after the start, with evidence of these sources every 15 s. Returns the problems meanwhile. */
async function pass(ledger: Ledger, clock: ManualClock, untilS: number, ...seen: SourceName[]) {
  const codes = new Set<string>()
  while (clock.now() < epochMs + untilS * 1000) {
    await clock.advance(1000)
    if (((clock.now() - epochMs) / 1000) % 15 === 0) seen.map(contact).forEach(ledger.report)
    problems(ledger, clock).forEach((code) => codes.add(code))
  }
  return [...codes]
}

describe('a healthy SVID of 5 minutes is not overdue', () => {
  it('through a dead watch of requests, however long nobody notices', async () => {
    const { ledger, clock } = issuedOnly()
    expect(await pass(ledger, clock, 180, 'certificateRequests', 'pods')).toEqual([])
    expect(await pass(ledger, clock, 600, 'pods')).toEqual([])
    ledger.report(renewed(550))
    ledger.report(contact('certificateRequests'))
    expect(problems(ledger, clock)).toEqual([])
  })

  it('through a dead watch of pods, where its pod has gone meanwhile', async () => {
    const { ledger, clock } = issuedOnly()
    expect(await pass(ledger, clock, 180, 'certificateRequests', 'pods')).toEqual([])
    ledger.report(gone('request-1'))
    expect(await pass(ledger, clock, 600, 'certificateRequests')).toEqual([])
  })

  it('through trouble that is noticed late', async () => {
    const { ledger, clock } = issuedOnly()
    await pass(ledger, clock, 400)
    ledger.report({ kind: 'trouble', source: 'certificateRequests', reason: 'timeout', detail: 'no answer' })
    expect(await pass(ledger, clock, 600, 'pods')).toEqual([])
  })

  it('through a node role that falls silent', async () => {
    const { ledger, clock } = mountedToo()
    await clock.advance(199_000)
    ledger.report({ kind: 'nodeContact', node })
    await clock.advance(1000)
    ledger.report(renewed(200))
    expect(await pass(ledger, clock, 420, 'certificateRequests', 'pods')).toEqual([])
  })
})

it('a renewal that is missed is told through a dead watch of pods, while there is a request', async () => {
  const { ledger, clock } = issuedOnly()
  expect(await pass(ledger, clock, 600, 'certificateRequests')).toEqual(['renewal_missed', 'expired'])
})

it('a renewal that is missed is told with the next evidence, and stays while there is none', async () => {
  const { ledger, clock } = issuedOnly()
  expect(await pass(ledger, clock, missedS, 'certificateRequests', 'pods')).toEqual([])
  expect(await pass(ledger, clock, missedS + 12, 'certificateRequests', 'pods')).toEqual([])
  expect(await pass(ledger, clock, missedS + 13, 'certificateRequests', 'pods')).toEqual(['renewal_missed'])
  expect(await pass(ledger, clock, 600)).toEqual(['renewal_missed'])
})

describe('a missed renewal that the files have shown', () => {
  /** The files are seen, and shortly afterwards the next SVID is issued, in seconds after the start. */
  const seenS = missedS + 13
  const issuedS = seenS + 2
  const second = shortLived(epochMs + issuedS * 1000)

  async function missed() {
    const { ledger, clock } = mountedToo()
    await pass(ledger, clock, seenS, 'certificateRequests', 'pods')
    ledger.report({ kind: 'nodeContact', node })
    expect(problems(ledger, clock)).toEqual(['renewal_missed'])
    return { ledger, clock }
  }

  /** Issues the next SVID. Returns the problems in each of the 4 seconds from then on, in which the files are not seen. */
  async function issue(ledger: Ledger, clock: ManualClock): Promise<readonly (readonly string[])[]> {
    await pass(ledger, clock, issuedS, 'certificateRequests', 'pods')
    ledger.report(renewed(issuedS))
    const found = []
    for (let passedS = 0; passedS < 4; passedS += 1) {
      found.push(problems(ledger, clock))
      await clock.advance(1000)
    }
    return found
  }

  const staysMissed = Array.from({ length: 4 }, () => ['renewal_missed'])

  it('stays when the next SVID is issued, until the files show that one', async () => {
    const { ledger, clock } = await missed()
    expect(await issue(ledger, clock)).toEqual(staysMissed)
    show(ledger)
    expect(problems(ledger, clock)).toEqual([])
  })

  it('stays when the next SVID is issued and does not arrive in the files', async () => {
    const { ledger, clock } = await missed()
    expect(await issue(ledger, clock)).toEqual(staysMissed)
    ledger.report({ kind: 'nodeContact', node })
    expect(problems(ledger, clock)).toEqual(['renewal_missed'])
    await clock.advance(10_000)
    ledger.report({ kind: 'nodeContact', node })
    expect(problems(ledger, clock)).toEqual(['mount_stale', 'renewal_missed'])
  })

  const show = (ledger: Ledger) =>
    ledger.report({ kind: 'mounted', mounted: mounted({ reading: { svid: second } }), node })

  it('stays when the next SVID is issued while the files cannot be seen, until they show that one', async () => {
    const { ledger, clock } = await missed()
    ledger.report({ kind: 'nodeTrouble', node, reason: 'timeout', detail: 'no answer' })
    expect(problems(ledger, clock)).toEqual(['renewal_missed'])
    expect(await issue(ledger, clock)).toEqual(staysMissed)
    show(ledger)
    expect(problems(ledger, clock)).toEqual([])
  })

  it('stays so as well if the files could not be seen when the renewal was missed', async () => {
    const { ledger, clock } = mountedToo()
    ledger.report({ kind: 'nodeTrouble', node, reason: 'timeout', detail: 'no answer' })
    await pass(ledger, clock, seenS, 'certificateRequests', 'pods')
    expect(problems(ledger, clock)).toEqual(['renewal_missed'])
    expect(await issue(ledger, clock)).toEqual(staysMissed)
    show(ledger)
    expect(problems(ledger, clock)).toEqual([])
  })
})

it('what is known until the last evidence is so at whatever time the clock of the machine is set to', async () => {
  const { ledger, clock } = issuedOnly()
  await clock.advance(minute)
  const known = () => Array.from(ledger.facts(), ({ issued }) => (issued?.knownMs ?? NaN) - clock.now())
  expect(known()).toEqual([-minute])
  clock.setBack(60 * minute)
  expect(known()).toEqual([-minute])
})
