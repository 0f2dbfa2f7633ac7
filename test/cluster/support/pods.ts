import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { applyObjects } from './access.ts'
import { kubectl, until } from './shell.ts'

/** A program that runs until it is stopped. */
const { SVIDWATCH_TEST_IMAGE: pause = '' } = process.env

/** A pod to create, with a volume `spiffe` that all its containers mount at /spiffe. */
export interface PodPlan {
  readonly name: string
  readonly annotations?: Readonly<Record<string, string>>
  /** The containers by name, with what differs from one that does nothing. */
  readonly containers?: Readonly<Record<string, object>>
  readonly securityContext?: object
}

/** A pod that runs. */
export interface RunningPod {
  readonly name: string
  readonly uid: string
}

/** The variable in the environment of a container by which its processes are found on the node. */
const marker = 'SVIDWATCH_TEST_CONTAINER'

const manifestOf = (namespace: string, plan: PodPlan) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: plan.name, namespace, annotations: plan.annotations ?? {} },
  spec: {
    terminationGracePeriodSeconds: 1,
    securityContext: plan.securityContext ?? {},
    containers: Object.entries(plan.containers ?? { main: {} }).map(([name, differing]) => ({
      name,
      image: pause,
      imagePullPolicy: 'IfNotPresent',
      env: [{ name: marker, value: `${namespace}/${plan.name}/${name}` }],
      volumeMounts: [{ name: 'spiffe', mountPath: '/spiffe' }],
      ...differing,
    })),
    volumes: [{ name: 'spiffe', csi: { driver: 'spiffe.csi.cert-manager.io', readOnly: true } }],
  },
})

/** Creates pods in a namespace of their own, after deleting what is left of it. Resolves with them, by name, once all are Ready. */
export async function startPods(
  namespace: string,
  plans: readonly PodPlan[],
): Promise<ReadonlyMap<string, RunningPod>> {
  await deletePods(namespace)
  await kubectl('create', 'namespace', namespace)
  return addPods(namespace, plans)
}

/** Creates more pods in the namespace, and resolves with all of its pods. */
export async function addPods(namespace: string, plans: readonly PodPlan[]): Promise<ReadonlyMap<string, RunningPod>> {
  const folder = await mkdtemp(join(tmpdir(), 'svidwatch-pods-'))
  await applyObjects(folder, ...plans.map((plan) => manifestOf(namespace, plan)))
  await rm(folder, { recursive: true })
  await kubectl('-n', namespace, 'wait', '--for=condition=Ready', 'pod', '--all', '--timeout=120s')
  const list = JSON.parse(await kubectl('-n', namespace, 'get', 'pods', '-o', 'json')) as PodList
  return new Map(list.items.map(({ metadata: { name, uid } }) => [name, { name, uid }] as const))
}

interface PodList {
  readonly items: readonly { readonly metadata: { readonly name: string; readonly uid: string } }[]
}

export async function deletePods(namespace: string): Promise<void> {
  await kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--timeout=180s')
}

/** Returns the folder /spiffe as a container sees it, whatever is mounted on the host. */
export const seenBy = async (namespace: string, pod: string, container = 'main'): Promise<string> =>
  `/proc/${await processOf(namespace, pod, container)}/root/spiffe`

/** Kills the program of a container, and resolves once the kubelet has started it again. */
export async function restartContainer(namespace: string, pod: string, container = 'main'): Promise<void> {
  const before = await processOf(namespace, pod, container)
  process.kill(before, 'SIGKILL')
  await until(`the container ${container} of ${pod} again`, 60, async () => {
    const now = await processOf(namespace, pod, container).catch(() => before)
    return now !== before || undefined
  })
}

async function processOf(namespace: string, pod: string, container: string): Promise<number> {
  const wanted = `${marker}=${namespace}/${pod}/${container}`
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
    if (environment.split('\0').includes(wanted)) return Number(pid)
  }
  throw new Error(`no process of the container ${container} of the pod ${namespace}/${pod} on this machine`)
}
