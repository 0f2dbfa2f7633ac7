import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Diagnoses } from '../../src/diagnosis/diagnoses.ts'
import { volumeHash } from '../../src/identity/volumeHash.ts'
import type { X509Svid } from '../../src/identity/x509Svid.ts'
import { parseCheckpoint, serializeCheckpoint, type Checkpoint } from '../../src/ledger/issuance/checkpoint.ts'
import type { RequestObservation } from '../../src/ledger/issuance/observations.ts'
import { Ledger } from '../../src/ledger/ledger.ts'
import { emptyMemory, parseMemory, serializeMemory, type Memory } from '../../src/ledger/memory.ts'
import type { Observation } from '../../src/ledger/observations.ts'
import { sourceNames } from '../../src/ledger/sight/observations.ts'
import type { MountedObservation, PodObservation } from '../../src/ledger/workloads/observations.ts'
import { perIdentityFamilies } from '../../src/metrics/catalogue.ts'
import { projectRequest } from '../../src/sources/certificateRequests/projection.ts'
import { metricsOver, textFrom } from '../support/exposition.ts'
import { ManualClock } from '../support/manualClock.ts'
import {
  change,
  epochMs,
  mounted,
  nodeList,
  nodeTells,
  pod,
  podList,
  request,
  requestList,
  svid,
} from '../support/observations.ts'
import { commit, minute } from '../support/watchedLedger.ts'

/** The tenant that has its worst day. Its namespace comes first in every list. */
const hostile = 'a-hostile'
/** In every name that it may choose. */
const markup = '<!channel> [x](http://evil.test) {{ $labels }} "\\"'

/** What one tenant has: pods, requests, and what node roles find. */
interface Having {
  readonly pods: readonly PodObservation[]
  readonly requests: readonly RequestObservation[]
  readonly mounts: readonly MountedObservation[]
}

interface Workload {
  readonly namespace: string
  readonly name: string
  readonly volumes?: readonly string[]
  readonly issuerOf?: (index: number) => string
  /** The newest SVID that was issued, and the one that is mounted. */
  readonly issued?: X509Svid
  readonly found?: X509Svid
}

/** A pod whose volumes have SVIDs, all of them issued. */
function workload({ namespace, name, volumes = ['spiffe'], issuerOf, issued, found = issued }: Workload): Having {
  const uid = `uid-${namespace}-${name}`
  const spiffeId = `spiffe://example.org/ns/${namespace}/sa/${name}`
  const own = (one = svid()): X509Svid => {
    const fingerprint = createHash('sha256').update(`${spiffeId} ${one.notBeforeMs}`).digest('hex')
    return { ...one, spiffeId, fingerprint }
  }
  return {
    pods: [pod({ uid, namespace, name, volumes })],
    requests: volumes.map((volume, index) =>
      request({
        ...{ uid: `${uid}-${volume}`, name: `${name}-${index}`, namespace, spiffeId, resourceVersion: '20' },
        ...(issuerOf && { issuer: issuerOf(index) }),
        svid: own(issued),
        owner: { podUid: uid, podName: name },
        volumeHash: volumeHash(uid, volume),
      }),
    ),
    mounts: volumes.map((volume) => mounted({ podUid: uid, volume, reading: { svid: own(found) } })),
  }
}

const renewed = svid({}, -40)

/** The other tenants: most are well, and one of each kind has something wrong. */
function fleet(): readonly Having[] {
  const own = workload({ namespace: 'team-a', name: 'own', issuerOf: () => 'Issuer/team-a/ca', issued: renewed })
  const waiting = workload({ namespace: 'team-b', name: 'waiting' })
  const unanswered = waiting.requests.map(({ uid, name, namespace, owner, volumeHash: hash }) =>
    request({
      ...{ uid, name, namespace, volumeHash: hash, ...(owner && { owner }), issuer: 'Issuer/team-b/new' },
      ...{ state: 'pending', reason: 'awaiting_approval', resourceVersion: '20' },
    }),
  )
  return [
    ...['team-a', 'team-b', 'team-c', 'team-d'].flatMap((namespace) =>
      ['web-1', 'web-2'].map((name) => workload({ namespace, name, issued: renewed })),
    ),
    own,
    workload({ namespace: 'team-b', name: 'late' }),
    workload({ namespace: 'team-c', name: 'stale', issued: renewed, found: svid() }),
    { pods: waiting.pods, requests: unanswered, mounts: [] },
  ]
}

/** 300 issuers of its own, 300 requests that nobody approves, and a pod with 1,000 volumes, of which a node role reports 100. */
function worstDay(): Having {
  const { pods, requests, mounts } = workload({
    ...{ namespace: hostile, name: 'greedy', issued: renewed },
    volumes: Array.from({ length: 1_000 }, (_, index) => `volume-${index}`),
    issuerOf: (index) => `Issuer/${hostile}/${markup} ${index % 300}`,
  })
  const unapproved = Array.from({ length: 300 }, (_, index) => {
    const projected = projectRequest({
      metadata: {
        ...{ namespace: hostile, name: `made-up-${index}`, uid: `made-up-${index}`, resourceVersion: '20' },
        creationTimestamp: new Date(epochMs).toISOString(),
        annotations: { 'spiffe.csi.cert-manager.io/identity': `spiffe://${markup}/${index}` },
      },
      spec: { issuerRef: { kind: index % 2 ? 'ClusterIssuer' : 'Issuer', name: `${markup} invented ${index}` } },
    })
    if (projected?.request === undefined) throw new Error('it is not taken for a request')
    return projected.request
  })
  return { pods, requests: [...unapproved, ...requests], mounts: mounts.slice(0, 100) }
}

/** The time at which everything is judged: the SVIDs that were not renewed have missed it. */
const judgedAfterMs = 50 * minute

interface Kept {
  readonly checkpoint: Checkpoint | undefined
  readonly memory: Memory
}

interface Told extends Kept {
  readonly text: string
  readonly problems: readonly unknown[]
}

/** Runs a process for these tenants, whose requests are all issued while it runs or, after a restart, are listed. */
async function run(tenants: readonly Having[], kept?: Kept): Promise<Told> {
  const clock = new ManualClock()
  const options = { agents: ['csi-driver-spiffe'], svidAgents: ['csi-driver-spiffe'], maxIssuers: 32 }
  const ledger = new Ledger({ clock, sources: sourceNames, ...options })
  ledger.restore(kept?.memory ?? emptyMemory)
  ledger.showCommittedOnly(kept?.checkpoint)
  const requests = tenants.flatMap((one) => one.requests)
  const observations: readonly Observation[] = [
    ...nodeList('node-1'),
    ...podList(...tenants.flatMap(({ pods }) => pods)),
    ...(kept ? requestList('30', ...requests) : [...requestList('10'), ...requests.map((one) => change('added', one))]),
    ...nodeTells('node-1', ...tenants.flatMap(({ mounts }) => mounts)),
    ...sourceNames.map((source) => ({ kind: 'contact', source }) as const),
  ]
  observations.forEach(ledger.report)
  await clock.advance(judgedAfterMs)
  sourceNames.map((source) => ({ kind: 'contact', source }) as const).forEach(ledger.report)
  ledger.report({ kind: 'nodeContact', node: 'node-1' })
  const diagnoses = new Diagnoses(ledger, clock)
  await diagnoses.judge()
  const metrics = metricsOver(
    {},
    { ledger: commit(ledger), diagnoses, clock, limits: { maxSeries: perIdentityFamilies.length * 100 } },
  )
  return {
    text: await textFrom(metrics),
    problems: [...diagnoses.all()].map((one) => ({ ...one })),
    checkpoint: restored(ledger.checkpoint()),
    memory: rememberedBy(ledger),
  }
}

function restored(checkpoint: Checkpoint | undefined): Checkpoint {
  const stored = checkpoint && parseCheckpoint(serializeCheckpoint(checkpoint))
  if (stored === undefined || 'problem' in stored) throw new Error('the checkpoint cannot be read again')
  return stored.checkpoint
}

function rememberedBy(ledger: Ledger): Memory {
  const memory = ledger.memory()
  for (;;) {
    const { done, value } = memory.next()
    if (!done) continue
    const stored = parseMemory(serializeMemory(value))
    if ('problem' in stored) throw new Error(stored.problem)
    return stored.memory
  }
}

const isHostiles = (text: string): boolean => [hostile, 'channel', 'invented'].some((name) => text.includes(name))

/** Families about svidwatch itself and its node roles, and the counts of SVIDs of each node. */
const ofAll = /^(svidwatch_|process_|nodejs_|spire_agent_svid_count)/
/** What is counted without an issuer. */
const withoutIssuer =
  /^(spire_attestation|spire_server_svid_renewal|spiffe_certificate_request_\w+_duration|spiffe_identity)(?!.*issuer=)/

/** The series and problems of the others: all that do not count the hostile tenant by definition. */
function ofOthers({ text, problems }: Told) {
  const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return {
    series: series.filter((line) => !isHostiles(line) && !ofAll.test(line) && !withoutIssuer.test(line)).sort(),
    problems: problems
      .map((one) => JSON.stringify(one))
      .filter((one) => !isHostiles(one))
      .sort(),
  }
}

describe("a tenant's worst day changes no series and no problem of the others", () => {
  it.each([
    ['first', () => [worstDay(), ...fleet()]],
    ['last', () => [...fleet(), worstDay()]],
  ])('where its objects come %s, and after a restart', async (_, tenants) => {
    const alone = await run(fleet())
    const among = await run(tenants())
    expect(ofOthers(alone).problems).not.toEqual([])
    expect(alone.problems.length).toBeGreaterThanOrEqual(5)
    expect(ofOthers(among)).toEqual(ofOthers(alone))
    expect(among.text).toMatch(/^svidwatch_without_place\{kind="issuer"\} [1-9]/m)
    expect(ofOthers(await run(tenants(), among))).toEqual(ofOthers(await run(fleet(), alone)))
  })
})
