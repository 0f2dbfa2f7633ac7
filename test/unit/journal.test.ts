import { expect, it } from 'vitest'
import { journaled } from '../../src/journal.ts'
import type { Observation } from '../../src/ledger/observations.ts'
import type { TroubleReason } from '../../src/ledger/reasons.ts'
import { createLog } from '../../src/log.ts'
import { ManualClock } from '../support/manualClock.ts'

const trouble = (reason: TroubleReason, detail: string): Observation => ({
  kind: 'trouble',
  source: 'pods',
  reason,
  detail,
})
const contact: Observation = { kind: 'contact', source: 'pods' }
const elsewhere: Observation = { kind: 'contact', source: 'files' }

/** What is written of the observations, as `level message`; all of them must be passed on. */
function written(observations: readonly Observation[]): string[] {
  const lines: string[] = []
  const write = (line: string) => {
    const { level, message } = JSON.parse(line) as Record<'level' | 'message', string>
    lines.push(`${level} ${message}`)
  }
  const log = createLog({ level: 'debug', format: 'json', clock: new ManualClock(), destination: { write } })
  const passed: Observation[] = []
  observations.forEach(journaled((observation) => passed.push(observation), log))
  expect(passed).toEqual(observations)
  return lines
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
    [
      'warn pods: no answer',
      'info pods: sees its system again',
      'warn pods: no answer',
      'info pods: sees its system again',
    ],
  ],
  [
    'the trouble of one source apart from the others',
    [trouble('timeout', 'no answer'), elsewhere, trouble('timeout', 'no answer')],
    ['warn pods: no answer', 'info files: watching'],
  ],
  [
    'each rejection',
    [{ kind: 'rejected', source: 'pods', reason: 'malformed_object', where: 'Pod a/b', detail: 'no name' }],
    ['warn Pod a/b: no name'],
  ],
  ['nothing of what is merely observed', [{ kind: 'podDeleted', uid: 'pod-1' }], []],
])('%s is written', (_, observations, lines) => {
  expect(written(observations)).toEqual(lines)
})
