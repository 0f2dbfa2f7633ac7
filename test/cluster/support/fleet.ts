import { readFile, writeFile } from 'node:fs/promises'
import { kubectl, sh } from './shell.ts'

/** The namespaces of the fleet, and the number of pods of each without the Job's. */
const namespaces = { 'svidwatch-a': 3, 'svidwatch-b': 3, 'svidwatch-c': 3 } as const
const driver = ['daemonset/cert-manager-csi-driver-spiffe-driver', 'deployment/cert-manager-csi-driver-spiffe-approver']

/** An image whose program runs until it is stopped, and one with arguments whose program exits by itself with success. */
const { SVIDWATCH_TEST_IMAGE: image = '', SVIDWATCH_TEST_JOB: job = '' } = process.env

const podSpec = (command: object) => ({
  containers: [
    {
      name: 'main',
      imagePullPolicy: 'IfNotPresent',
      volumeMounts: [{ name: 'spiffe', mountPath: '/spiffe' }],
      ...command,
    },
  ],
  volumes: [{ name: 'spiffe', csi: { driver: 'spiffe.csi.cert-manager.io', readOnly: true } }],
})

function manifests(): object[] {
  const objects: object[] = []
  for (const [namespace, replicas] of Object.entries(namespaces)) {
    objects.push({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
    const labels = { app: 'web' }
    objects.push({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: podSpec({ image }) },
      },
    })
  }
  const [jobImage, ...args] = job.split(' ')
  const template = { spec: { restartPolicy: 'Never', ...podSpec({ image: jobImage, args }) } }
  objects.push({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'report', namespace: 'svidwatch-a' },
    spec: { template },
  })
  return objects
}

/** Lets the driver and the approver make SVIDs of this lifetime, which restarts both. */
export async function setLifetime(lifetime: string): Promise<void> {
  await kubectl('-n', 'cert-manager', 'set', 'env', ...driver, `DURATION=${lifetime}`)
  for (const one of driver) await kubectl('-n', 'cert-manager', 'rollout', 'status', one, '--timeout=120s')
}

/** Creates ten pods in three namespaces with certificates of this lifetime. Waits until nine run and the Job's has finished. */
export async function startFleet(lifetime: '1m' | '3m' | '5m'): Promise<void> {
  await deleteFleet()
  await setLifetime(lifetime)
  const file = `/tmp/svidwatch-fleet-${process.pid}.json`
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests() }))
  await kubectl('apply', '-f', file)
  for (const namespace of Object.keys(namespaces))
    await kubectl('-n', namespace, 'rollout', 'status', 'deployment/web', '--timeout=180s')
  await kubectl('-n', 'svidwatch-a', 'wait', '--for=condition=Complete', 'job/report', '--timeout=180s')
}

export async function deleteFleet(): Promise<void> {
  await kubectl('delete', 'namespace', ...Object.keys(namespaces), '--ignore-not-found', '--timeout=180s')
}

/** Replaces every pod of the fleet by a new one, which gets a working mount. */
export async function replacePods(): Promise<void> {
  for (const namespace of Object.keys(namespaces))
    await kubectl('-n', namespace, 'rollout', 'restart', 'deployment/web')
  for (const namespace of Object.keys(namespaces))
    await kubectl('-n', namespace, 'rollout', 'status', 'deployment/web', '--timeout=180s')
}

/** Gives the driver another trust domain than the approver has, which restarts the driver. */
export async function setDriverTrustDomain(trustDomain: string): Promise<void> {
  const args = await kubectl(
    '-n',
    'cert-manager',
    'get',
    driver[0] ?? '',
    '-o',
    'jsonpath={.spec.template.spec.containers[0].args}',
  )
  const changed = (JSON.parse(args) as string[]).map((arg) => arg.replace(/^(--?trust-domain=).*/, `$1${trustDomain}`))
  const patch = [{ op: 'replace', path: '/spec/template/spec/containers/0/args', value: changed }]
  await kubectl('-n', 'cert-manager', 'patch', driver[0] ?? '', '--type', 'json', '-p', JSON.stringify(patch))
  await kubectl('-n', 'cert-manager', 'rollout', 'status', driver[0] ?? '', '--timeout=120s')
}

/** Restarts the driver. Running pods then keep a dead tmpfs. */
export async function restartDriver(): Promise<void> {
  await kubectl('-n', 'cert-manager', 'delete', 'pod', '-l', 'app=cert-manager-csi-driver-spiffe')
  await kubectl('-n', 'cert-manager', 'rollout', 'status', driver[0] ?? '', '--timeout=120s')
}

export interface FleetPod {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly ended: boolean
}

interface ListOf<T> {
  readonly items: readonly T[]
}
interface Pod {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string }
  readonly status: { readonly phase: string }
}
interface CertificateRequest {
  readonly metadata: {
    readonly uid: string
    readonly creationTimestamp: string
    readonly ownerReferences?: readonly { readonly uid: string }[]
  }
  readonly status?: { readonly certificate?: string }
}

async function list<T>(resource: string): Promise<readonly T[]> {
  return (JSON.parse(await kubectl('get', resource, '-A', '-o', 'json')) as ListOf<T>).items
}

export async function fleetPods(): Promise<readonly FleetPod[]> {
  const pods = await list<Pod>('pods')
  return pods
    .filter(({ metadata }) => metadata.namespace in namespaces)
    .map(({ metadata: { namespace, name, uid }, status }) => ({
      namespace,
      name,
      uid,
      ended: status.phase === 'Succeeded',
    }))
}

/** Returns the end of each pod's newest issued certificate, by uid, in ms since the Unix epoch, and the uids of issued requests. */
export async function issuedTruth(): Promise<{ notAfter: ReadonlyMap<string, number>; uids: readonly string[] }> {
  const issued = (await list<CertificateRequest>('certificaterequests')).filter(({ status }) => status?.certificate)
  const byAge = issued.toSorted((a, b) => a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp))
  const notAfter = new Map<string, number>()
  for (const { metadata, status } of byAge) {
    const owner = metadata.ownerReferences?.[0]?.uid
    if (owner !== undefined)
      notAfter.set(owner, await endOf(Buffer.from(status?.certificate ?? '', 'base64').toString()))
  }
  return { notAfter, uids: issued.map(({ metadata }) => metadata.uid) }
}

/** Returns the ends of the mounted certificates as openssl reads them, without pods whose volume is not mounted on the host. */
export async function mountedTruth(
  kubeletRoot: string,
  pods: readonly FleetPod[],
): Promise<ReadonlyMap<string, number>> {
  const notAfter = new Map<string, number>()
  for (const { uid } of pods) {
    const file = `${kubeletRoot}/pods/${uid}/volumes/kubernetes.io~csi/spiffe/mount/tls.crt`
    const pem = await readFile(file, 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    })
    if (pem !== undefined) notAfter.set(uid, await endOf(pem))
  }
  return notAfter
}

const ends = new Map<string, number>()

/** Returns a certificate's notAfter as openssl reads it, ms since the Unix epoch. */
async function endOf(pem: string): Promise<number> {
  const known = ends.get(pem)
  if (known !== undefined) return known
  const printed = await sh('bash', '-c', `openssl x509 -noout -enddate <<'END'\n${pem}\nEND`)
  const endMs = Date.parse(printed.replace('notAfter=', ''))
  ends.set(pem, endMs)
  return endMs
}
