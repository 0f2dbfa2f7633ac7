import type { PodObservation } from '../../ledger/workloads/observations.ts'
import { agentsOfDrivers, type Agent } from '../agent.ts'
import { KubernetesObject } from '../kubernetesObject.ts'
import { isMuted } from '../mutedAnnotation.ts'
import { intern, internList } from '../sharedStrings.ts'
import { postureOf, socketPaths } from './posture.ts'
import { startMsOf, svidFieldsOf, svidVolumesOf, type CsiVolume } from './svidVolumes.ts'

/** What a pod is compared with. */
export interface PodProjectionOptions {
  /** The CSI drivers that mount SVIDs. */
  readonly drivers: readonly string[]
  readonly agents: readonly Agent[]
  /** The agents whose pods are watched, which pods can be known to need; by default all. */
  readonly knownAgents?: readonly Agent[] | undefined
  /** The agents' sockets, as paths on a node. */
  readonly agentSockets: readonly string[]
}

/** Returns a function that projects a Pod (v1). It throws a `MalformedObjectError` for a malformed pod. */
export function podProjection({
  drivers,
  agents,
  knownAgents = agents,
  agentSockets,
}: PodProjectionOptions): (raw: unknown) => PodObservation {
  const sockets = socketPaths(agentSockets)
  return (raw) => {
    const object = new KubernetesObject(raw)
    const metadata = object.object('metadata')
    const spec = object.object('spec')
    const status = object.object('status')
    const ended = hasEnded(status)
    const mounted = csiVolumesOf(spec)
    const agent = agentOf(agents, metadata, status)
    const volumes = svidVolumesOf(
      mounted.filter(({ driver }) => drivers.includes(driver)),
      spec,
    )
    const waits = volumes.length > 0 && !ended && !hasRunningContainer(status)
    return {
      uid: metadata.requiredName('uid'),
      namespace: intern(metadata.requiredObjectName('namespace')),
      name: metadata.requiredObjectName('name'),
      node: intern(spec.objectName('nodeName') ?? ''),
      ended,
      volumes,
      needs: internList(
        agentsOfDrivers(
          knownAgents,
          mounted.map(({ driver }) => driver),
        ),
      ),
      posture: postureOf(spec, agent !== undefined, sockets),
      ...svidFieldsOf(volumes, spec, status),
      ...rareFields(metadata, waits ? status.time('startTime') : undefined, agent),
    }
  }
}

/** Returns what few pods have. V8 reserves memory in every pod for each part of its literal, so these fields are one part. */
function rareFields(
  metadata: KubernetesObject,
  startedMs: number | undefined,
  agent: PodObservation['agent'],
): Pick<PodObservation, 'deadlineMs' | 'startedMs' | 'agent' | 'muted'> {
  const deadlineMs = metadata.time('deletionTimestamp')
  return {
    ...(deadlineMs !== undefined && { deadlineMs }),
    ...(startedMs !== undefined && { startedMs }),
    ...(agent !== undefined && { agent }),
    ...(isMuted(metadata) && { muted: true }),
  }
}

function hasEnded(status: KubernetesObject): boolean {
  const phase = status.text('phase')
  return phase === 'Succeeded' || phase === 'Failed'
}

function csiVolumesOf(spec: KubernetesObject): readonly CsiVolume[] {
  return spec.objects('volumes').flatMap((volume) => {
    const driver = volume.object('csi').text('driver')
    return driver === undefined ? [] : [{ volume, driver }]
  })
}

/** Returns the first agent that matches the pod. A pod that is being deleted is not ready, whatever its conditions say. */
function agentOf(
  agents: readonly Agent[],
  metadata: KubernetesObject,
  status: KubernetesObject,
): PodObservation['agent'] {
  const labels = metadata.object('labels')
  const agent = agents.find(
    ({ podLabels, namespace }) =>
      (namespace === undefined || namespace === metadata.text('namespace')) &&
      Object.entries(podLabels).every(([name, value]) => labels.text(name) === value),
  )
  if (agent === undefined) return undefined
  const isReady = status
    .objects('conditions')
    .some((condition) => condition.text('type') === 'Ready' && condition.text('status') === 'True')
  return { name: agent.name, ready: isReady && metadata.text('deletionTimestamp') === undefined }
}

const hasRunningContainer = (status: KubernetesObject): boolean =>
  status.objects('containerStatuses').some((container) => startMsOf(container) !== undefined)
