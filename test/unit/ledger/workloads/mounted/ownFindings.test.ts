import { describe, expect, it } from 'vitest'
import { Ledger } from '../../../../../src/ledger/ledger.ts'
import type { Finding } from '../../../../../src/ledger/workloads/observations.ts'
import type { Observation } from '../../../../../src/ledger/observations.ts'
import { ManualClock } from '../../../../support/manualClock.ts'
import { authority, bundleOf, mounted, nodeTells } from '../../../../support/observations.ts'
import { mount, unmount, watch } from '../../../../support/watchedLedger.ts'

const ofNodeRole = (): Ledger => new Ledger({ clock: new ManualClock(), sources: ['mountedSvids'], maxIssuers: 1 })
const contact: Observation = { kind: 'contact', source: 'mountedSvids' }
const trouble: Observation = { kind: 'trouble', source: 'mountedSvids', reason: 'unreadable', detail: 'no such folder' }

describe('what this process sees itself', () => {
  it('is handed on as it was reported last', () => {
    const bundle = bundleOf(authority('a'))
    const ledger = ofNodeRole()
    ;[mount(), mount({ bundle, mountBirthMs: 7 }), mount({ volume: 'other' })].forEach(ledger.report)
    expect([...ledger.findings()]).toEqual([mounted({ bundle, mountBirthMs: 7 }), mounted({ volume: 'other' })])
    ledger.report(unmount)
    expect([...ledger.findings()]).toEqual([mounted({ volume: 'other' })])
  })

  it('is not what node roles tell', () => {
    expect([...watch(...nodeTells('node-1', mounted())).ledger.findings()]).toEqual([])
  })

  it('says why it is blind', () => {
    const ledger = ofNodeRole()
    expect(ledger.filesTrouble()).toBe('starting')
    ledger.report(trouble)
    expect(ledger.filesTrouble()).toMatchObject({ reason: 'unreadable', detail: 'no such folder' })
    ledger.report(contact)
    expect(ledger.filesTrouble()).toBeUndefined()
  })

  it('is told to each follower until it has had enough, with what changed', () => {
    const ledger = ofNodeRole()
    const heard: Finding[] = []
    const stop = ledger.follow('finding', (finding) => heard.push(finding))
    const others: Finding[] = []
    ledger.follow('finding', (finding) => others.push(finding))
    ;[mount(), contact].forEach(ledger.report)
    stop()
    ;[unmount, trouble].forEach(ledger.report)
    expect(heard).toEqual([mount()])
    expect(others).toEqual([mount(), unmount])
  })

  it('is known by the time that a follower hears of it', () => {
    const ledger = ofNodeRole()
    const counts: number[] = []
    ledger.follow('finding', () => counts.push([...ledger.findings()].length))
    ;[mount(), unmount].forEach(ledger.report)
    expect(counts).toEqual([1, 0])
  })
})
