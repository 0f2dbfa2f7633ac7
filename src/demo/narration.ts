import { certificateRequests } from '../world/certificateRequest.ts'
import { partners } from '../world/federation.ts'
import { nodePlans } from '../world/nodes.ts'
import type { Fate } from '../world/population.ts'
import type { PodTruth } from '../world/truth.ts'
import { timeOfDay, type Happening } from './happenings.ts'
import { issuerReference } from '../world/workload.ts'

/** Puts a text into a style, or leaves it as it is where there is no terminal. */
export type Paint = (style: 'bold' | 'dim' | 'green' | 'yellow' | 'red', text: string) => string

/** What the introduction tells of. URLs have no path and no slash at the end. */
interface Scene {
  readonly url: string
  readonly probeUrl: string
  readonly kubernetesUrl: string
  readonly kubernetesToken: string
  readonly lifetimeMs: number
  readonly pods: readonly PodTruth[]
  /** How long after the start the issuer loses its key, if it does. */
  readonly issuerDownAfterMs?: number | undefined
}

/** What runs here, where to look, and what to notice. */
export function introduction(scene: Scene, paint: Paint): string {
  return [
    '',
    paint('bold', 'svidwatch demo'),
    `${nodePlans.length} nodes with pods, an issuer, a Kubernetes API and 2 other trust domains, all in this process.`,
    'svidwatch watches them as it would a real cluster: a cluster role, which follows a node role on node-1 and node-2.',
    `SVIDs live ${Math.round(scene.lifetimeMs / 1000)} s and are renewed at two thirds of that.`,
    '',
    paint('bold', 'Where to look'),
    ...places(scene).map(([what, where]) => `  ${what.padEnd(12)}${where}`),
    '',
    paint('bold', 'What to notice'),
    ...scene.pods.flatMap((pod) => noticeOfPod(pod, scene, paint)),
    ...notice(stuckEndpoint, scene, paint),
    ...noticeOfOutage(scene, paint),
    '',
    paint('bold', 'What happens') + paint('dim', '  times are UTC; Ctrl-C ends everything and leaves nothing behind'),
    '',
  ].join('\n')
}

function places(scene: Scene): [what: string, where: string][] {
  const { url, probeUrl } = scene
  return [
    ['metrics', `${url}/metrics`],
    ['SVIDs', `${url}/api/v1/svids`],
    ['status', `${url}/api/v1/status`],
    ['probes', `${probeUrl}/healthz and ${probeUrl}/readyz`],
    ['Kubernetes', listRequestsCommand(scene)],
    ['Prometheus', 'alerts/svidwatch.rules.yaml has the rules, deploy/prometheus/ shows how to scrape and to route'],
    ['Grafana', 'dashboards/*.json'],
  ]
}

/** Lists all CertificateRequests; in two lines, since one would be too long for a terminal. */
function listRequestsCommand({ kubernetesUrl, kubernetesToken }: Scene): string {
  const path = `/apis/cert-manager.io/v1/${certificateRequests}`
  return `curl -s -H 'Authorization: Bearer ${kubernetesToken}' \\\n      ${kubernetesUrl}${path}`
}

function noticeOfPod({ workload: { namespace, pod }, fate }: PodTruth, scene: Scene, paint: Paint): string[] {
  if (fate === 'healthy') return []
  const { title, ...story } = stories[fate](pod)
  return notice({ ...story, title: `${title}: ${namespace}/${pod}` }, scene, paint)
}

function noticeOfOutage(scene: Scene, paint: Paint): string[] {
  const { issuerDownAfterMs } = scene
  if (issuerDownAfterMs === undefined) return []
  const title = `An outage: ${issuer} loses its key, ${Math.round(issuerDownAfterMs / 1000)} s from now`
  return notice({ ...outage, title }, scene, paint)
}

function notice({ title, story, pattern, requestPattern }: Story, scene: Scene, paint: Paint): string[] {
  const commands = [`curl -s ${scene.url}/metrics | grep ${pattern}`]
  if (requestPattern !== undefined) commands.push(`${listRequestsCommand(scene)} | grep ${requestPattern}`)
  const indented = [...story, ...commands.map((command) => paint('dim', command))].map((line) => `    ${line}`)
  return [`  ${paint('yellow', title)}`, ...indented]
}

interface Story {
  readonly title: string
  readonly story: readonly string[]
  /** What grep is given to find it in the metrics, and in the CertificateRequests; ready for a shell. */
  readonly pattern: string
  readonly requestPattern?: string
}

const stories: Readonly<Record<Exclude<Fate, 'healthy'>, (pod: string) => Story>> = {
  stuck: (pod) => ({
    title: 'A stuck renewal',
    story: ['Its request is approved and never answered: its seconds run out, and then below zero.'],
    pattern: `'^spire_svid_expiry_seconds.*pod="${pod}"'`,
  }),
  denied: () => ({
    title: 'A denied workload',
    story: [
      'It asks for an identity that is not its own, so that it never starts. The reason is a label.',
      'It asks again and again, and the request before stays beside the newest: the one pod soon counts as 2 requests.',
    ],
    pattern: `'^spiffe_certificate_requests.*state="denied"'`,
  }),
  deadMount: (pod) => ({
    title: 'A dead mount',
    story: [
      'It is issued anew each time, but its files stay old: its driver was restarted under it.',
      'The drift shows about 10 s after each renewal, not at once.',
    ],
    pattern: `-E '_(drift|expiry_seconds).*pod="${pod}"'`,
  }),
  unserved: () => ({
    title: 'A node without agent',
    story: ['csi-driver-spiffe has not come to node-3: spire_agent_up is 0 there, and this pod waits in vain.'],
    pattern: `-E '^(spire_agent_up|spiffe_workloads.*platform)'`,
  }),
  ended: (pod) => ({
    title: 'A Job that has ended',
    story: ['Its certificate has long expired, and nobody is paged: 0 series, though its request is still there.'],
    pattern: `-c 'pod="${pod}"'`,
    requestPattern: `-o '"name":"${pod}"'`,
  }),
}

const stuckEndpoint: Story = {
  title: `A stuck bundle endpoint: ${partners.stuck}`,
  story: [
    `Its CA changed while nobody could ask, so that it no longer verifies. ${partners.working} has a new bundle each minute.`,
  ],
  pattern: `-E '^spiffe_bundle_(up|sequence|.*tls_untrusted)'`,
}

const issuer = `${issuerReference.kind}/${issuerReference.name}`

const outage: Omit<Story, 'title'> = {
  story: ['From then on each renewal waits, until all pods have expired one after the other.'],
  pattern: `'^spiffe_certificate_requests.*issuer_not_ready'`,
}

const styles = { renewed: 'green', stranded: 'yellow', denied: 'red', overdue: 'yellow', expired: 'red' } as const

/** One line for what has happened to one pod. */
export function happeningLine({ kind, atMs, workload, detail }: Happening, paint: Paint): string {
  return line(atMs, paint(styles[kind], kind.padEnd(8)), `${workload.namespace}/${workload.pod}`, detail, paint)
}

/** One line for an issuer that has lost its key. */
export function outageLine(atMs: number, paint: Paint): string {
  return line(atMs, paint('red', 'outage'.padEnd(8)), issuer, 'its key is gone: every request waits from now on', paint)
}

function line(atMs: number, what: string, who: string, detail: string, paint: Paint): string {
  return `  ${paint('dim', timeOfDay(atMs))}  ${what}  ${who.padEnd(40)}  ${detail}`
}
