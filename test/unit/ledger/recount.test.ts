import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Ledger } from '../../../src/ledger/ledger.ts'
import type { PodObservation } from '../../../src/ledger/workloads/observations.ts'
import { postureFindings, type PostureFinding } from '../../../src/ledger/workloads/reasons.ts'
import { workloadStates, type WorkloadState } from '../../../src/ledger/workloads/view.ts'
import { nodeList, pod, podList } from '../../support/observations.ts'
import { watch } from '../../support/watchedLedger.ts'
import { memoryOf, surveyOf } from '../../support/ledgerReading.ts'

const nodes = ['node-1', 'node-2']
const agents = ['csi-driver-spiffe', 'spire-agent']
const namespaces = ['team-a', 'team-b']
const findings = Object.keys(postureFindings) as PostureFinding[]

/** Pods of which the namespace and the volumes stay as they are, as those of real pods do. */
const anyPod: fc.Arbitrary<PodObservation> = fc
  .record({
    number: fc.nat(5),
    node: fc.constantFrom('', ...nodes),
    ended: fc.boolean(),
    needs: fc.subarray(agents),
    posture: fc.subarray(findings),
    agent: fc.option(fc.record({ name: fc.constantFrom(...agents), ready: fc.boolean() }), { nil: undefined }),
  })
  .map(({ number, agent, ...rest }) =>
    pod({
      uid: `pod-${number}`,
      name: `web-${number}`,
      namespace: namespaces[number % 2] ?? '',
      volumes: number % 3 === 0 ? ['spiffe'] : [],
      ...(agent && { agent }),
      ...rest,
    }),
  )

type Change =
  | { readonly is: 'seen'; readonly pod: PodObservation }
  | { readonly is: 'deleted'; readonly uid: string }
  | { readonly is: 'listed'; readonly pods: readonly PodObservation[] }
const anyChange: fc.Arbitrary<Change> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ is: fc.constant('seen' as const), pod: anyPod }) },
  {
    weight: 2,
    arbitrary: fc.record({ is: fc.constant('deleted' as const), uid: fc.nat(5).map((number) => `pod-${number}`) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      is: fc.constant('listed' as const),
      pods: fc.uniqueArray(anyPod, { selector: ({ uid }) => uid, maxLength: 6 }),
    }),
  },
)

const isRunning = ({ ended, node }: PodObservation) => !ended && node !== ''

/** What there is, counted anew pod by pod; `had` are the agents that each node has ever had. */
function recount(pods: readonly PodObservation[], had: ReadonlySet<string>) {
  const running = pods.filter(isRunning)
  const pairs = (on: string) =>
    agents.filter((name) => {
      const isNeeded = running.some(({ node, needs }) => node === on && needs.includes(name))
      return isNeeded || had.has(`${on} ${name}`)
    })
  const podsOf = (on: string, name: string) => running.filter(({ node, agent }) => node === on && agent?.name === name)
  const workloads = running.filter(({ agent }) => agent === undefined)
  const count = (namespace: string, state: WorkloadState) => {
    const ofNamespace = workloads.filter((one) => one.namespace === namespace)
    if (state === 'pending') return ofNamespace.filter(({ volumes }) => volumes.length > 0).length
    return state === 'none' ? ofNamespace.filter(({ volumes }) => volumes.length === 0).length : 0
  }
  const told = namespaces.filter((namespace) => count(namespace, 'pending') > 0)
  return {
    agents: nodes.flatMap((node) =>
      pairs(node).map((name) => `${node} ${name} ${podsOf(node, name).some(({ agent }) => agent?.ready)}`),
    ),
    missed: [...had].map((pair) => {
      const [node = '', name = ''] = pair.split(' ')
      return `${pair} ${podsOf(node, name).length === 0}`
    }),
    workloads: told.flatMap((namespace) =>
      (Object.keys(workloadStates) as WorkloadState[]).map(
        (state) => `${namespace} ${state} ${count(namespace, state)}`,
      ),
    ),
    posture: namespaces.flatMap((namespace) =>
      findings.flatMap((finding) => {
        const having = pods.filter((one) => one.namespace === namespace && !one.ended && one.posture.includes(finding))
        return having.length > 0 ? [`${namespace} ${finding} ${having.length}`] : []
      }),
    ),
  }
}

/** What the ledger has counted as pods changed. */
function counted(ledger: Ledger) {
  const survey = surveyOf(ledger)
  return {
    agents: survey.agents.map(({ node, agent, up }) => `${node} ${agent} ${up}`),
    missed: memoryOf(ledger).agentNodes.map(({ node, agent, lostMs }) => `${node} ${agent} ${lostMs !== undefined}`),
    workloads: survey.workloads.map(({ namespace, state, count }) => `${namespace} ${state} ${count}`),
    posture: [...ledger.posture()].map(({ namespace, finding, count }) => `${namespace} ${finding} ${count}`),
  }
}

const sorted = (counts: Readonly<Record<string, readonly string[]>>) =>
  Object.fromEntries(Object.entries(counts).map(([name, lines]) => [name, lines.toSorted()]))

it('what is counted as pods change is what a count of all pods would give, whatever has happened', () => {
  fc.assert(
    fc.property(fc.array(anyChange, { maxLength: 40, size: 'max' }), (changes) => {
      const { ledger } = watch(...nodeList(...nodes), ...podList())
      const pods = new Map<string, PodObservation>()
      const had = new Set<string>()
      for (const change of changes) {
        if (change.is === 'seen') {
          pods.set(change.pod.uid, change.pod)
          ledger.report({ kind: 'pod', pod: change.pod })
        } else if (change.is === 'deleted') {
          pods.delete(change.uid)
          ledger.report({ kind: 'podDeleted', uid: change.uid })
        } else {
          pods.clear()
          for (const one of change.pods) pods.set(one.uid, one)
          podList(...change.pods).forEach(ledger.report)
        }
        for (const one of pods.values()) if (isRunning(one) && one.agent) had.add(`${one.node} ${one.agent.name}`)
        expect(sorted(counted(ledger))).toEqual(sorted(recount([...pods.values()], had)))
      }
    }),
  )
})
