import { describe, expect, it } from 'vitest'
import { Journal } from '../../../src/log/journal.ts'
import type { Observation } from '../../../src/ledger/observations.ts'
import { Ledger } from '../../../src/ledger/ledger.ts'
import { sourceNames, type SourceName } from '../../../src/ledger/sight/observations.ts'
import type { BundleProblem } from '../../../src/ledger/bundles/reasons.ts'
import type { TroubleReason } from '../../../src/ledger/sight/reasons.ts'
import { createLog } from '../../../src/log/log.ts'
import { ManualClock } from '../../support/manualClock.ts'
import { nodeList } from '../../support/observations.ts'

const trouble = (reason: TroubleReason, detail: string): Observation => ({
  kind: 'trouble',
  source: 'pods',
  reason,
  detail,
})
const contact: Observation = { kind: 'contact', source: 'pods' }
const absent: Observation = { kind: 'absent', source: 'certificateRequests', detail: 'not installed' }
const elsewhere: Observation = { kind: 'contact', source: 'files' }
const nodeTrouble = (node: string, reason: TroubleReason = 'timeout'): Observation => ({
  kind: 'nodeTrouble',
  node,
  reason,
  detail: `${reason} it is`,
})
const nodeContact = (node: string): Observation => ({ kind: 'nodeContact', node })
const bundleTrouble = (trustDomain: string, reason: BundleProblem = 'timeout'): Observation => ({
  kind: 'bundleTrouble',
  trustDomain,
  reason,
  detail: `${reason} it is`,
})
const bundle = (trustDomain: string): Observation => ({
  kind: 'bundle',
  trustDomain,
  bundle: { x509Authorities: [], jwtAuthorities: [] },
})
const rejected = (where: string, source: SourceName = 'nodeFindings'): Observation & { kind: 'rejected' } => ({
  kind: 'rejected',
  source,
  reason: 'wrong_node',
  where,
  detail: 'is on node-1',
})

/** A journal, and what it has written, as `level message` and as fields. */
function startJournal(clock = new ManualClock()) {
  const lines: string[] = []
  const fields: Readonly<Record<string, unknown>>[] = []
  const write = (line: string) => {
    const parsed = JSON.parse(line) as Record<string, string>
    lines.push(`${parsed['level']} ${parsed['message']}`)
    fields.push(parsed)
  }
  const log = createLog({ level: 'debug', format: 'json', clock, destination: { write } })
  const ledger = new Ledger({ clock, sources: sourceNames, maxIssuers: 10 })
  for (const trustDomain of ['a.example', 'b.example'])
    ledger.report({ kind: 'bundleEndpoint', endpoint: { trustDomain, url: 'https://a.example', profile: 'https_web' } })
  new Journal(log, clock, ledger.follow)
  return { clock, report: ledger.report, lines, fields }
}

it.each<[string, Observation[], string[]]>([
  ['the first contact', [contact], ['info pods: watching']],
  [
    'trouble when it begins, not each time',
    [trouble('unreachable', 'refused'), trouble('unreachable', 'reset'), trouble('unreachable', 'refused')],
    ['warn pods: refused'],
  ],
  [
    'trouble when its reason changes',
    [trouble('unreachable', 'refused'), trouble('forbidden', 'no right'), trouble('unreachable', 'refused')],
    ['warn pods: refused', 'warn pods: no right', 'warn pods: refused'],
  ],
  [
    'recovery, and trouble that begins after it',
    [trouble('timeout', 'no answer'), contact, trouble('timeout', 'no answer'), contact],
    ['warn pods: no answer', 'info pods: can be read again', 'warn pods: no answer', 'info pods: can be read again'],
  ],
  [
    'once that a CRD is not there, and when it comes',
    [absent, absent, { kind: 'contact', source: 'certificateRequests' }],
    [
      'info certificateRequests: is watched as soon as it is there: not installed',
      'info certificateRequests: watching',
    ],
  ],
  [
    'the trouble of one source apart from the others',
    [trouble('timeout', 'no answer'), elsewhere, trouble('timeout', 'no answer')],
    ['warn pods: no answer', 'info files: watching'],
  ],
  [
    'the trouble of a node role once, until its reason changes, and its end',
    [
      nodeTrouble('node-1'),
      nodeTrouble('node-2'),
      nodeTrouble('node-1'),
      nodeTrouble('node-1', 'unreadable'),
      nodeContact('node-1'),
    ],
    [
      'warn node role of node-1: timeout it is',
      'warn node role of node-2: timeout it is',
      'warn node role of node-1: unreadable it is',
      'info node role of node-1: is heard again',
    ],
  ],
  ['nothing of node roles that are simply heard', [nodeContact('node-1'), nodeContact('node-1')], []],
  [
    'a node role whose endpoint is gone, after which its trouble is new',
    [nodeTrouble('node-1'), { kind: 'nodeEndpointGone', node: 'node-1' }, nodeTrouble('node-1')],
    [
      'warn node role of node-1: timeout it is',
      'warn node role of node-1: no node role offers findings for node-1 any more',
      'warn node role of node-1: timeout it is',
    ],
  ],
  [
    'a node role that is gone with its node',
    [...nodeList('node-1'), nodeContact('node-1'), { kind: 'nodeEndpointGone', node: 'node-1' }, ...nodeList()],
    ['warn node role of node-1: no node role offers findings for node-1 any more', 'info node role of node-1: is gone'],
  ],
  [
    'the trouble of a bundle endpoint once, until its reason changes, and its end',
    [
      bundleTrouble('a.example'),
      bundleTrouble('a.example'),
      bundleTrouble('a.example', 'tls_expired'),
      bundle('b.example'),
      bundle('a.example'),
      bundle('a.example'),
    ],
    [
      'warn bundle of a.example: timeout it is',
      'warn bundle of a.example: tls_expired it is',
      'info bundle of a.example: is fetched again',
    ],
  ],
  [
    'each rejection',
    [rejected('Pod a/b'), rejected('Pod a/c')],
    ['warn Pod a/b: is on node-1', 'warn Pod a/c: is on node-1'],
  ],
  ['nothing of what is merely observed', [{ kind: 'podDeleted', uid: 'pod-1' }], []],
])('%s is written', (_, observations, written) => {
  const { report, lines } = startJournal()
  observations.forEach(report)
  expect(lines).toEqual(written)
})

it('says in fields what each line is about', () => {
  const { report, fields } = startJournal()
  for (const observation of [trouble('timeout', 'no answer'), nodeTrouble('node-1'), bundleTrouble('a.example')])
    report(observation)
  for (const observation of [contact, nodeContact('node-1'), bundle('a.example'), rejected('Pod a/b')])
    report(observation)
  expect(fields).toMatchObject([
    { event: 'source_trouble', source: 'pods', reason: 'timeout', detail: 'no answer' },
    { event: 'node_trouble', node: 'node-1', reason: 'timeout', detail: 'timeout it is' },
    { event: 'bundle_trouble', trust_domain: 'a.example', reason: 'timeout', detail: 'timeout it is' },
    { event: 'source_contact', source: 'pods' },
    { event: 'node_contact', node: 'node-1' },
    { event: 'bundle_contact', trust_domain: 'a.example' },
    { event: 'rejected', source: 'nodeFindings', reason: 'wrong_node', where: 'Pod a/b', detail: 'is on node-1' },
  ])
})

/** A node role is offered, heard, and offered no more. */
const comeAndGo = (report: (observation: Observation) => void) => {
  report(nodeContact('node-1'))
  report({ kind: 'nodeEndpointGone', node: 'node-1' })
}

describe('a flood', () => {
  const held = 'warn refusals of nodeFindings (wrong_node): no more lines until the minute is over'

  it('of refusals ends after ten lines, and costs no other source or reason a line', () => {
    const { report, lines } = startJournal()
    for (let index = 0; index < 500; index += 1) report(rejected(`line ${index}`))
    report(rejected('Pod a/b', 'pods'))
    report({ ...rejected('node-2'), reason: 'malformed_finding' })
    expect(lines).toHaveLength(13)
    expect(lines.slice(8)).toEqual([
      'warn line 8: is on node-1',
      'warn line 9: is on node-1',
      held,
      'warn Pod a/b: is on node-1',
      'warn node-2: is on node-1',
    ])
  })

  it('says in the next minute how much was left out, and begins anew', async () => {
    const { clock, report, lines } = startJournal()
    const flood = () => Array.from({ length: 25 }, (_, index) => report(rejected(`line ${index}`)))
    flood()
    await clock.advance(59_999)
    report(rejected('too early'))
    expect(lines).toHaveLength(11)
    await clock.advance(1)
    flood()
    expect(lines.slice(11, 13)).toEqual([
      'warn refusals of nodeFindings (wrong_node): lines left out: 16',
      'warn line 0: is on node-1',
    ])
    expect(lines).toHaveLength(11 + 1 + 11)
  })

  it('is not said to have been where nothing was left out', async () => {
    const { clock, report, lines } = startJournal()
    report(rejected('one'))
    await clock.advance(60_000)
    report(rejected('two'))
    expect(lines).toEqual(['warn one: is on node-1', 'warn two: is on node-1'])
  })

  it('does not silence the journal for longer where the clock of the machine is set back', async () => {
    const clock = new ManualClock()
    const { report, lines } = startJournal(clock)
    for (let index = 0; index < 12; index += 1) report(rejected(`line ${index}`))
    clock.setBack(3_600_000)
    await clock.advance(60_000)
    report(rejected('after'))
    expect(lines.slice(11)).toEqual([
      'warn refusals of nodeFindings (wrong_node): lines left out: 2',
      'warn after: is on node-1',
    ])
  })

  it('of a node role that comes and goes all the time ends like any other', () => {
    const { report, lines } = startJournal()
    for (let index = 0; index < 500; index += 1) comeAndGo(report)
    expect(lines).toHaveLength(11)
  })

  it('is said to be over also where nothing more is written about the same thing', async () => {
    const { clock, report, lines } = startJournal()
    for (let index = 0; index < 6; index += 1) comeAndGo(report)
    await clock.advance(60_000)
    report(nodeTrouble('node-2'))
    expect(lines.slice(11)).toEqual([
      'warn node role of node-1: lines left out: 1',
      'warn node role of node-2: timeout it is',
    ])
  })

  it('of a node role that changes its mind all the time costs no other node a line', () => {
    const { report, lines } = startJournal()
    for (let index = 0; index < 500; index += 1) {
      report(nodeTrouble('node-1'))
      report(nodeContact('node-1'))
    }
    report(nodeTrouble('node-2'))
    expect(lines).toHaveLength(12)
    expect(lines.slice(-2)).toEqual([
      'warn node role of node-1: no more lines until the minute is over',
      'warn node role of node-2: timeout it is',
    ])
  })
})
