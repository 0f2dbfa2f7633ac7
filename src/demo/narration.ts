import { certificateRequests } from '../world/certificateRequest.ts'
import { partners } from '../world/federation.ts'
import { nodePlans } from '../world/nodes.ts'
import type { Fate } from '../world/population.ts'
import type { PodTruth } from '../world/truth.ts'
import { timeOfDay, type PodEvent } from './podEvents.ts'
import { rotationAfterMs, type RotationOrder } from './rotationOrders.ts'
import { issuerReference } from '../world/workload.ts'

/** Applies a style to a text, or returns the text unchanged if the output is not a terminal. */
export type Paint = (style: 'bold' | 'dim' | 'green' | 'yellow' | 'red', text: string) => string

/** What the introduction describes. URLs have no path and no slash at the end. */
interface Scene {
  readonly url: string
  readonly probeUrl: string
  readonly kubernetesUrl: string
  readonly kubernetesToken: string
  readonly lifetimeMs: number
  readonly pods: readonly PodTruth[]
  /** The URL of the collector of traces, if there is one. */
  readonly otlp?: string | undefined
  /** How long after the start the issuer loses its key, if it does. */
  readonly issuerDownAfterMs?: number | undefined
  /** The order in which the CA is rotated, if it is. */
  readonly rotation?: RotationOrder | undefined
}

/** Returns the text that says what is running, where to look, and what to notice. */
export function introduction(scene: Scene, paint: Paint): string {
  return [
    '',
    paint('bold', 'svidwatch demo'),
    `This process runs ${nodePlans.length} nodes with pods, an issuer, a Kubernetes API and 2 other trust domains.`,
    'svidwatch watches them like a real cluster: a cluster role follows the node roles on node-1 and node-2.',
    `SVIDs live for ${Math.round(scene.lifetimeMs / 1000)} s and are renewed after two thirds of that.`,
    '',
    paint('bold', 'Where to look'),
    ...addresses(scene).map(([what, where]) => `  ${what.padEnd(12)}${where}`),
    '',
    paint('bold', 'What to notice'),
    ...scene.pods.flatMap((pod) => hintsAboutPod(pod, scene, paint)),
    ...hints(stuckEndpoint, scene, paint),
    ...hintsAboutOutage(scene, paint),
    ...hintsAboutRotation(scene, paint),
    '',
    paint('bold', 'What happens') + paint('dim', '  times are UTC; Ctrl-C stops everything and leaves nothing behind'),
    '',
  ].join('\n')
}

function addresses(scene: Scene): [what: string, where: string][] {
  const { url, probeUrl, otlp } = scene
  return [
    ['metrics', `${url}/metrics`],
    ['problems', `${url}/api/v1/problems`],
    ['SVIDs', `${url}/api/v1/svids`],
    ['status', `${url}/api/v1/status`],
    ['probes', `${probeUrl}/healthz and ${probeUrl}/readyz`],
    ['Kubernetes', listRequestsCommand(scene)],
    ['Prometheus', 'rules: alerts/svidwatch.rules.yaml; scraping and routing: deploy/prometheus/'],
    ['Grafana', 'dashboards/*.json'],
    ['traces', otlp === undefined ? 'with --otlp URL' : `sent to ${otlp}, service svidwatch`],
  ]
}

/** Returns a command that lists all CertificateRequests, in two lines to fit a terminal. */
function listRequestsCommand({ kubernetesUrl, kubernetesToken }: Scene): string {
  const path = `/apis/cert-manager.io/v1/${certificateRequests}`
  return `curl -s -H 'Authorization: Bearer ${kubernetesToken}' \\\n      ${kubernetesUrl}${path}`
}

function hintsAboutPod({ workload: { namespace, pod }, fate }: PodTruth, scene: Scene, paint: Paint): string[] {
  if (fate === 'healthy') return []
  const { title, ...hint } = fateHints[fate](pod)
  return hints({ ...hint, title: `${title}: ${namespace}/${pod}` }, scene, paint)
}

function hintsAboutOutage(scene: Scene, paint: Paint): string[] {
  const { issuerDownAfterMs } = scene
  if (issuerDownAfterMs === undefined) return []
  const title = `An outage: ${issuer} loses its key, ${Math.round(issuerDownAfterMs / 1000)} s from now`
  return hints({ ...outage, title }, scene, paint)
}

function hintsAboutRotation(scene: Scene, paint: Paint): string[] {
  const { rotation } = scene
  if (rotation === undefined) return []
  const title = `A rotation of the CA of ${issuer}, ${Math.round(rotationAfterMs / 1000)} s from now`
  return hints({ ...rotationHints[rotation], title }, scene, paint)
}

function hints({ title, explanation, pattern, requestPattern }: Hint, scene: Scene, paint: Paint): string[] {
  const commands = [`curl -s ${scene.url}/metrics | grep ${pattern}`]
  if (requestPattern !== undefined) commands.push(`${listRequestsCommand(scene)} | grep ${requestPattern}`)
  const indented = [...explanation, ...commands.map((command) => paint('dim', command))].map((line) => `    ${line}`)
  return [`  ${paint('yellow', title)}`, ...indented]
}

interface Hint {
  readonly title: string
  readonly explanation: readonly string[]
  /** The arguments with which grep finds it in the metrics and in the CertificateRequests, quoted for a shell. */
  readonly pattern: string
  readonly requestPattern?: string
}

const fateHints: Readonly<Record<Exclude<Fate, 'healthy'>, (pod: string) => Hint>> = {
  stuck: (pod) => ({
    title: 'A stuck renewal',
    explanation: [
      'Its request was approved but is never signed: its seconds until expiry fall to zero and then below.',
    ],
    pattern: `'^spire_svid_expiry_seconds.*pod="${pod}"'`,
  }),
  denied: () => ({
    title: 'A denied workload',
    explanation: [
      'It asks for a SPIFFE ID that is not its own, so it never starts. The label `reason` says why it was denied.',
      'It asks again and again. Its previous request stays beside the newest, so this pod soon counts as 2 requests.',
    ],
    pattern: `'^spiffe_certificate_requests.*state="denied"'`,
  }),
  deadMount: (pod) => ({
    title: 'A dead mount',
    explanation: [
      'Each renewal is issued, but the files in the pod stay old, because the driver was restarted.',
      'The drift appears about 10 s after the first renewal that does not arrive, and stays.',
    ],
    pattern: `-E '_(drift|expiry_seconds).*pod="${pod}"'`,
  }),
  detached: (pod) => ({
    title: 'A detached mount',
    explanation: [
      'The driver was restarted while nothing was issued, and then made a new mount on the node. The running container',
      'keeps its old one, whose SVID has expired, while the API and the files on the node look fresh.',
    ],
    pattern: `-E '_drift.*pod="${pod}"'`,
  }),
  notReloaded: (pod) => ({
    title: 'A server that never reloads',
    explanation: [
      'Its files are renewed in time, but it presents the SVID that it read at its start: copy="served" expires.',
    ],
    pattern: `-E '_(drift|expiry_seconds).*pod="${pod}"'`,
  }),
  subPath: (pod) => ({
    title: 'A mount by subPath',
    explanation: ['Its container mounts one file of the volume by subPath, and keeps the first SVID for ever.'],
    pattern: `-E '_drift.*pod="${pod}"'`,
  }),
  unserved: () => ({
    title: 'A node without an agent',
    explanation: ['csi-driver-spiffe does not run on node-3: spire_agent_up is 0 there, and this pod waits in vain.'],
    pattern: `-E '^(spire_agent_up|spiffe_workloads.*platform)'`,
  }),
  ended: (pod) => ({
    title: 'A Job that has ended',
    explanation: [
      'Its SVID expired long ago, but nobody is paged: it has 0 series, although its request still exists.',
    ],
    pattern: `-c 'pod="${pod}"'`,
    requestPattern: `-o '"name":"${pod}"'`,
  }),
}

const stuckEndpoint: Hint = {
  title: `A stuck bundle endpoint: ${partners.stuck}`,
  explanation: [
    `Its CA has changed, so its certificate no longer verifies. ${partners.working} has a new bundle each minute.`,
  ],
  pattern: `-E '^spiffe_bundle_(up|sequence|.*tls_untrusted)'`,
}

const issuer = `${issuerReference.kind}/${issuerReference.name}`

const outage: Omit<Hint, 'title'> = {
  explanation: ['From then on every renewal waits, and the SVIDs of all pods expire one after the other.'],
  pattern: `'^spiffe_certificate_requests.*issuer_not_ready'`,
}

const rotationHints: Readonly<Record<RotationOrder, Omit<Hint, 'title'>>> = {
  early: {
    explanation: [
      'The new CA signs before any trust bundle has it. One problem names it, not one for each SVID: authority_untrusted,',
      'with the number of pairs of an SVID and a trust bundle that fail. It ends when trust-manager is back, 4 min later.',
    ],
    pattern: `'^spiffe_authority_'`,
  },
  orderly: {
    explanation: [
      'The new CA is in all trust bundles before it signs, and the old one until its SVIDs are gone. No problem begins.',
      'The share of those who trust the new CA says when the next step may be taken.',
    ],
    pattern: `'^spiffe_authority_'`,
  },
}

const styles = {
  renewed: 'green',
  stranded: 'yellow',
  outdated: 'yellow',
  denied: 'red',
  overdue: 'yellow',
  expired: 'red',
} as const

/** Returns the line for an event of a pod. */
export function podEventLine({ kind, atMs, workload, detail }: PodEvent, paint: Paint): string {
  return line(atMs, paint(styles[kind], kind.padEnd(8)), `${workload.namespace}/${workload.pod}`, detail, paint)
}

/** Returns the line for an issuer that has lost its key. */
export function outageLine(atMs: number, paint: Paint): string {
  return line(atMs, paint('red', 'outage'.padEnd(8)), issuer, 'its key is gone: every request waits from now on', paint)
}

/** Returns the line for a step of a rotation of the CA. */
export function rotationLine(atMs: number, what: string, breaks: boolean, paint: Paint): string {
  return line(atMs, paint(breaks ? 'red' : 'green', 'rotation'), issuer, what, paint)
}

function line(atMs: number, what: string, who: string, detail: string, paint: Paint): string {
  return `  ${paint('dim', timeOfDay(atMs))}  ${what}  ${who.padEnd(40)}  ${detail}`
}
