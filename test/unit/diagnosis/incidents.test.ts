import { describe, expect, it } from 'vitest'
import { Diagnoses } from '../../../src/diagnosis/diagnoses.ts'
import type { SvidFacts } from '../../../src/ledger/workloads/compared/facts.ts'
import { copyFacts, missedMs, renewedFacts, svidFacts, waitingRequest } from '../../support/facts.ts'
import { fakeLedger, issuedAtMs, issuerView } from '../../support/fakeLedger.ts'
import { ManualClock } from '../../support/manualClock.ts'

const minute = 60_000

interface Place {
  readonly pod: string
  readonly node: string
  readonly issuer?: string
}

const labelled = (facts: SvidFacts, { pod, node, issuer = 'ClusterIssuer/spiffe-ca' }: Place): SvidFacts => {
  const issued = facts.issued && { ...facts.issued, labels: { ...facts.issued.labels, pod, node, issuer } }
  const labels = { ...facts.labels, pod, node, issuer }
  return { ...facts, key: `${pod}/tls`, labels, issued }
}

/** A pod for which nobody has asked for a new SVID. */
const unasked =
  (place: Place, given: Partial<SvidFacts> = {}) =>
  (nowMs: number): SvidFacts =>
    labelled(
      svidFacts({ issued: copyFacts('issued', nowMs), requestsKnownMs: nowMs, seesRequests: true, ...given }),
      place,
    )

/** A pod whose SVID was renewed a minute ago. */
const renewed = (place: Place) => (nowMs: number) =>
  unasked(place, { issued: renewedFacts('issued', nowMs, missedMs - minute), issuedMs: missedMs - minute })(nowMs)

const several = (count: number, node: string, make: (place: Place) => (nowMs: number) => SvidFacts) =>
  Array.from({ length: count }, (_, index) => make({ pod: `${node}-${index}`, node }))

/** What is told of SVIDs whose renewals were missed a moment ago. */
async function told(svids: readonly ((nowMs: number) => SvidFacts)[]) {
  const clock = new ManualClock(missedMs + 1)
  const ledger = {
    ...fakeLedger(),
    facts: () => svids.map((svid) => svid(clock.now())),
    issuers: () => [issuerView({ lastIssuedMs: issuedAtMs, chain: undefined })],
  }
  const diagnoses = new Diagnoses(ledger, clock)
  await diagnoses.judge()
  const all = [...diagnoses.all()]
  return {
    incidents: all.filter(({ code }) => code === 'incident'),
    others: all.filter(({ code }) => code !== 'incident').map(({ code, explainedBy }) => `${code} by ${explainedBy}`),
  }
}

describe('an incident', () => {
  it('is a node whose renewals fail while those of other nodes come', async () => {
    const { incidents, others } = await told([...several(4, 'node-7', unasked), ...several(5, 'node-8', renewed)])

    expect(incidents).toMatchObject([
      {
        ...{ severity: 'critical', subject: { node: 'node-7' }, reason: 'node_renewals', remedy: 'driver' },
        evidence: { problems: 4, failing: '4 of 4', elsewhere: '0 of 5' },
      },
    ])
    expect(others).toEqual(Array(4).fill('renewal_missed by incident'))
  })

  it('is everything where the renewals of all nodes fail', async () => {
    const nodes = ['node-1', 'node-2', 'node-3'].flatMap((node) => several(2, node, unasked))
    const { incidents } = await told(nodes)

    expect(incidents).toMatchObject([{ subject: {}, reason: 'everything_renewals', evidence: { failing: '6 of 6' } }])
  })

  it.each([
    ['two SVIDs fail', [...several(2, 'node-7', unasked), ...several(5, 'node-8', renewed)]],
    [
      'others on the node are renewed',
      [...several(4, 'node-7', unasked), ...several(4, 'node-7', renewed), ...several(5, 'node-8', renewed)],
    ],
    ['nothing is known of other nodes', several(4, 'node-7', unasked)],
    [
      'no other node has its issuer',
      [
        ...several(4, 'node-7', (place) => unasked({ ...place, issuer: 'ClusterIssuer/other' })),
        ...several(5, 'node-8', renewed),
      ],
    ],
    [
      'they have been asked for',
      [
        ...several(4, 'node-7', (place) => unasked(place, { requested: waitingRequest({ createdMs: issuedAtMs }) })),
        ...several(5, 'node-8', renewed),
      ],
    ],
    [
      'they are muted',
      [...several(4, 'node-7', (place) => unasked(place, { muted: true })), ...several(5, 'node-8', renewed)],
    ],
  ])('is not named if %s', async (_, svids) => {
    expect((await told(svids)).incidents).toEqual([])
  })
})
