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

/** The same, with what is mounted. */
const mounted = (place: Place) => (nowMs: number) => {
  const facts = renewed(place)(nowMs)
  return { ...facts, mounted: facts.issued }
}

/** A pod whose containers have had an earlier mount for so long. */
const detachedFor =
  (durationMs: number) =>
  (place: Place) =>
  (nowMs: number): SvidFacts => ({
    ...mounted(place)(nowMs),
    drifts: [{ cause: 'mount_detached', sinceMs: nowMs - durationMs }],
  })

/** A pod of a cluster in which requests were last seen when all was well. */
const unseen = (place: Place) => (nowMs: number) => {
  const facts = unasked(place, { requestsKnownMs: issuedAtMs, seesRequests: false })(nowMs)
  return { ...facts, issued: undefined, mounted: facts.issued }
}

const several = (count: number, node: string, make: (place: Place) => (nowMs: number) => SvidFacts) =>
  Array.from({ length: count }, (_, index) => make({ pod: `${node}-${index}`, node }))

type Svids = readonly ((nowMs: number) => SvidFacts)[]

/** What is told of SVIDs whose renewals were missed a moment ago, after `before` was true. */
async function told(svids: Svids, before?: Svids) {
  const clock = new ManualClock(missedMs + 1)
  let present = before ?? svids
  const ledger = {
    ...fakeLedger(),
    facts: () => present.map((svid) => svid(clock.now())),
    issuers: () => [issuerView({ lastIssuedMs: issuedAtMs, chain: undefined })],
  }
  const diagnoses = new Diagnoses(ledger, clock)
  if (before) await diagnoses.judge()
  present = svids
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

  const nodes = Array.from({ length: 8 }, (_, index) => `node-${index + 1}`)
  const onAll = (make: (place: Place) => (nowMs: number) => SvidFacts) =>
    nodes.flatMap((node) => several(3, node, make))
  const onOne = [...several(3, 'node-1', detachedFor(minute)), ...onAll(mounted).slice(3)]

  it('is a node whose mounts are detached, once they have been for a minute and those of other nodes are not', async () => {
    expect((await told(onOne)).incidents).toMatchObject([{ subject: { node: 'node-1' }, reason: 'node_mounts' }])
  })

  it('is not the first node that something reaches which is about to be seen on others', async () => {
    const spreading = [
      ...several(3, 'node-1', detachedFor(minute)),
      ...several(3, 'node-2', detachedFor(minute / 2)),
      ...onAll(mounted).slice(6),
    ]
    expect((await told(spreading)).incidents).toEqual([])
  })

  it('is no longer everything once only one node is left', async () => {
    const all = onAll(detachedFor(minute)).slice(0, 12)
    const left = onOne.slice(0, 12)
    expect((await told(all)).incidents).toMatchObject([{ subject: {}, reason: 'everything_mounts' }])
    expect((await told(left, all)).incidents).toMatchObject([{ subject: { node: 'node-1' }, reason: 'node_mounts' }])
  })

  it('is not named while nobody sees whether the missed renewals were asked for', async () => {
    const { incidents, others } = await told(onAll(unseen))
    expect(incidents).toEqual([])
    expect(others).toContain('renewal_missed by ')
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
