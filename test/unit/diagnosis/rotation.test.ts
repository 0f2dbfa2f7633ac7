import { describe, expect, it } from 'vitest'
import { alertAfter } from '../../../src/diagnosis/codes.ts'
import type { Diagnosis } from '../../../src/diagnosis/diagnosis.ts'
import { caMadeAt, oldCa, RotatedFleet, type Moment, type Script } from '../../support/rotatedFleet.ts'

const minute = 60_000
const newCa = caMadeAt(5)

/** In the right order: the new CA comes everywhere, signs, and the old one goes after its last SVID. */
const rightOrder: Script = [
  [10, (fleet) => fleet.distribute(oldCa, newCa)],
  [20, (fleet) => fleet.signWith(newCa)],
  [70, (fleet) => fleet.distribute(newCa)],
]

const restartAt = (minutes: number): Script => [[minutes, (fleet) => fleet.restart()]]
const blindFor = (from: number, until: number): Script => [
  [from, (fleet) => fleet.blind('node-2')],
  [until, (fleet) => fleet.see('node-2')],
]

async function watch(minutes: number, ...scripts: readonly Script[]): Promise<readonly Moment[]> {
  const fleet = new RotatedFleet()
  await fleet.run(minutes, scripts.flat())
  return fleet.moments
}

const ofTrust = ({ code }: Diagnosis) => !['node_blind', 'source_blind'].includes(code)

const told = (moments: readonly Moment[]) =>
  moments.flatMap(({ atMs, problems }) =>
    problems.filter(ofTrust).map(({ code, reason }) => `${atMs / minute} ${code} ${reason}`),
  )

const untrustedIn = ({ problems }: Moment) => problems.find(({ code }) => code === 'authority_untrusted')

/** Returns the reasons for which the trust domain was told, in their order, without repetitions. */
const reasonsIn = (moments: readonly Moment[]) =>
  moments.map((moment) => untrustedIn(moment)?.reason).filter((reason, index, all) => reason !== all[index - 1])

describe('a rotation in the right order', () => {
  it.each<[string, readonly Script[]]>([
    ['is silent at every moment', []],
    ['is silent when svidwatch starts anew before the new CA signs', [restartAt(19)]],
    ['is silent when svidwatch starts anew in the middle', [restartAt(35)]],
    ['is silent when svidwatch starts anew as the old CA goes', [restartAt(70.4)]],
    ['is silent with a node that is blind while the new CA comes and begins to sign', [blindFor(8, 45)]],
    ['is silent with a node that is blind while its SVIDs are renewed and the old CA goes', [blindFor(19, 75)]],
    ['is silent with a node that is blind all the time, and a start in between', [blindFor(8, 80), restartAt(35)]],
  ])('%s', async (_, scripts) => {
    const moments = await watch(90, rightOrder, ...scripts)
    expect(moments.map(({ refusedPairs }) => refusedPairs).filter((pairs) => pairs > 0)).toEqual([])
    expect(told(moments)).toEqual([])
  })
})

interface WrongOrder {
  readonly script: Script
  /** The reasons that may be told, in their order. */
  readonly reasons: readonly string[]
  /** When svidwatch starts anew, and while node-2 is blind: in the middle. */
  readonly middle: number
}

const wrongOrders: Readonly<Record<string, WrongOrder>> = {
  'the new CA signs before it is in the bundles': {
    script: [
      [10, (fleet) => fleet.signWith(newCa)],
      [30, (fleet) => fleet.distribute(oldCa, newCa)],
    ],
    reasons: ['signs_too_early'],
    middle: 20,
  },
  'the old CA goes before its last SVID': {
    script: [...rightOrder.slice(0, 2), [35, (fleet) => fleet.distribute(newCa)]],
    reasons: ['removed_too_early'],
    middle: 45,
  },
  'the Secret of the CA is deleted while the bundle is distributed': {
    script: [
      [10, (fleet) => fleet.signWith(newCa)],
      [10, (fleet) => fleet.distribute(newCa)],
    ],
    reasons: ['signs_too_early', 'removed_too_early'],
    middle: 30,
  },
  'the Secret of the CA is deleted while nothing is distributed': {
    script: [[10, (fleet) => fleet.signWith(newCa)]],
    reasons: ['signs_too_early'],
    middle: 30,
  },
  'one node does not get the new CA': {
    script: [
      [9, (fleet) => fleet.stuck.add('node-3')],
      ...rightOrder.slice(0, 2),
      [45, (fleet) => fleet.stuck.delete('node-3')],
    ],
    reasons: ['signs_too_early'],
    middle: 30,
  },
}

/** Checks what must be true of every wrong order, whatever happens to svidwatch meanwhile. */
function expectOneProblem(moments: readonly Moment[], reasons: readonly string[], gaps: number): void {
  const first = moments.find(({ refusedPairs }) => refusedPairs > 0)
  const begun = moments.find((moment) => untrustedIn(moment) !== undefined)
  expect(first && begun && begun.atMs + alertAfter('authority_untrusted') - first.atMs).toBeLessThanOrEqual(minute)
  const seen = reasonsIn(moments)
  expect(seen.filter((reason) => reason !== undefined && !reasons.includes(reason))).toEqual([])
  // The problem begins once, and once more after svidwatch has started anew.
  expect(seen.filter((reason, index) => reason !== undefined && seen[index - 1] === undefined)).toHaveLength(1 + gaps)
  const unexplained = moments.flatMap(({ atMs, problems }) =>
    problems
      .filter(({ code, explainedBy }) => code === 'peer_refuses' && explainedBy !== 'authority_untrusted')
      .map(({ key }) => `${atMs / minute} ${key}`),
  )
  expect(unexplained).toEqual([])
}

describe.each(Object.entries(wrongOrders))('a rotation in which %s', (_, { script, reasons, middle }) => {
  it('is told once, within a minute, with its reason, and no longer than pairs are refused', async () => {
    const moments = await watch(90, script)
    const wrong = moments.filter((moment) => untrustedIn(moment) && moment.refusedPairs === 0)
    expect(wrong).toEqual([])
    expectOneProblem(moments, reasons, 0)
    expect(
      untrustedIn(moments.find((moment) => untrustedIn(moment)) ?? { atMs: 0, problems: [], refusedPairs: 0 }),
    ).toMatchObject({ key: 'example.org', subject: { trust_domain: 'example.org' }, severity: 'critical' })
  })

  it('is told for the same reason by a svidwatch that starts anew in the middle', async () => {
    const moments = await watch(90, script, restartAt(middle))
    expectOneProblem(moments, reasons, 1)
    const before = moments.findLast(({ atMs }) => atMs < middle * minute)
    const after = moments.find(({ atMs }) => atMs === middle * minute + 30_000)
    expect(after && untrustedIn(after)?.reason).toBe(before && untrustedIn(before)?.reason)
  })

  it('is told as long with a node that is blind in the middle', async () => {
    const moments = await watch(90, script, blindFor(middle - 3, middle + 25))
    expectOneProblem(moments, reasons, 0)
    const last = moments.at(-1)
    expect(last && untrustedIn(last) !== undefined).toBe(last && last.refusedPairs > 0)
  })
})
