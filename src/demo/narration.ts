import type { Fate } from './population.ts'
import type { PodTruth } from './truth.ts'
import { timeOfDay, type Happening } from './happenings.ts'

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
}

/** What runs here, where to look, and what to notice. */
export function introduction(scene: Scene, paint: Paint): string {
  return [
    '',
    paint('bold', 'svidwatch demo'),
    `A node with ${scene.pods.length} pods, an issuer and a Kubernetes API, all in this process.`,
    'svidwatch watches them as it would a real cluster: over HTTP, and by the files of the node.',
    `SVIDs live ${Math.round(scene.lifetimeMs / 1000)} s and are renewed at two thirds of that.`,
    '',
    paint('bold', 'Where to look'),
    ...places(scene).map(([what, where]) => `  ${what.padEnd(12)}${where}`),
    '',
    paint('bold', 'What to notice'),
    ...scene.pods.flatMap((pod) => notice(pod, scene.url, paint)),
    paint('bold', 'What happens') + paint('dim', '  times are UTC; Ctrl-C ends everything and leaves nothing behind'),
    '',
  ].join('\n')
}

function places({ url, probeUrl, kubernetesUrl, kubernetesToken }: Scene): [what: string, where: string][] {
  return [
    ['metrics', `${url}/metrics`],
    ['SVIDs', `${url}/api/v1/svids`],
    ['status', `${url}/api/v1/status`],
    ['probes', `${probeUrl}/healthz and ${probeUrl}/readyz`],
    ['Kubernetes', `${kubernetesUrl} (Authorization: Bearer ${kubernetesToken})`],
  ]
}

/** Two lines and an empty one for a pod with something to notice. */
function notice({ workload: { namespace, pod }, fate }: PodTruth, url: string, paint: Paint): string[] {
  if (fate === 'healthy') return []
  const { title, story, pattern } = stories[fate](pod)
  const command = `curl -s ${url}/metrics | grep ${pattern}`
  return [`  ${paint('yellow', title)}: ${namespace}/${pod}`, `    ${story}`, `    ${paint('dim', command)}`, '']
}

interface Story {
  readonly title: string
  readonly story: string
  /** What grep is given, and so ready for a shell. */
  readonly pattern: string
}

const stories: Readonly<Record<Exclude<Fate, 'healthy'>, (pod: string) => Story>> = {
  stuck: (pod) => ({
    title: 'A stuck renewal',
    story: 'Its request is approved and never answered: its seconds run out, and then below zero.',
    pattern: `'^spire_svid_expiry_seconds.*pod="${pod}"'`,
  }),
  denied: () => ({
    title: 'A denied workload',
    story: 'It asks for an identity that is not its own, so that it never starts. The reason is a label.',
    pattern: `'^spiffe_certificate_requests.*state="denied"'`,
  }),
  deadMount: () => ({
    title: 'A dead mount',
    story: 'It is issued anew each time, but its files stay old: its driver was restarted under it.',
    pattern: "'^spiffe_svid_drift{'",
  }),
  ended: (pod) => ({
    title: 'A Job that has ended',
    story: 'Its request is still there and has long expired; nobody is paged for it: this counts 0 series.',
    pattern: `-c 'pod="${pod}"'`,
  }),
}

const styles = { renewed: 'green', unseen: 'yellow', denied: 'red', overdue: 'yellow', expired: 'red' } as const

/** One line for what has happened to one pod. */
export function happeningLine({ kind, atMs, workload, detail }: Happening, paint: Paint): string {
  const who = `${workload.namespace}/${workload.pod}`
  return `  ${paint('dim', timeOfDay(atMs))}  ${paint(styles[kind], kind.padEnd(7))}  ${who.padEnd(40)}  ${detail}`
}
