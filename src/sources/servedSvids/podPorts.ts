import type { RejectionReason } from '../../ledger/sight/reasons.ts'
import { printable } from '../../text/printable.ts'
import type { KubernetesObject } from '../kubernetesObject.ts'

/** The annotation of a pod that names the ports to probe: numbers or names of container ports, or `never`. */
export const probeAnnotation = 'svidwatch.io/probe'

/** The most ports of one pod that are probed. */
const maxPorts = 8

/** A longer value is not looked at. */
const maxLength = 256

/** The ports of a pod to probe, and what is wrong with what the pod says of them. */
export interface PodPorts {
  readonly ports: readonly number[]
  readonly problem?: { readonly reason: RejectionReason; readonly detail: string }
}

/** Returns the ports that the annotation of a pod names, else those of its container ports whose names are in `portNames`. */
export function podPorts(metadata: KubernetesObject, spec: KubernetesObject, portNames: readonly string[]): PodPorts {
  const value = metadata.object('annotations').text(probeAnnotation)
  if (value === undefined) return byNames(spec, portNames)
  if (value.trim() === 'never') return noPorts
  if (value.length > maxLength) return malformed(`it is longer than ${maxLength} characters`)
  const named = tcpPorts(spec)
  const ports = new Set<number>()
  for (const item of value.split(',').map((text) => text.trim())) {
    const port = /^\d{1,5}$/.test(item) ? Number(item) : named.find(({ name }) => name === item)?.port
    if (port === undefined || port < 1 || port > 65_535) return malformed(`${quoted(item)} ${expected}`)
    ports.add(port)
  }
  return ports.size > maxPorts ? malformed(`it names more than ${maxPorts} ports`) : { ports: [...ports] }
}

const noPorts: PodPorts = { ports: [] }
const expected = 'is neither a port nor the name of a TCP port of a container of the pod'

function byNames(spec: KubernetesObject, portNames: readonly string[]): PodPorts {
  const named = tcpPorts(spec).filter(({ name }) => name !== undefined && portNames.includes(name))
  if (named.length === 0) return noPorts
  const ports = [...new Set(named.map(({ port }) => port))]
  if (ports.length <= maxPorts) return { ports }
  const detail = `${ports.length} of its ports have names of servedSvids.portNames, and ${maxPorts} are probed`
  return { ports: ports.slice(0, maxPorts), problem: { reason: 'too_many_ports', detail } }
}

const malformed = (why: string): PodPorts => ({
  ports: [],
  problem: { reason: 'malformed_probe_annotation', detail: `${probeAnnotation}: ${why}` },
})

const quoted = (text: string) => JSON.stringify(printable(text, { as: 'questionMarks', maxLength: 64 }))

/** Returns the TCP ports of the containers that run as long as the pod, sidecars among them. */
function tcpPorts(spec: KubernetesObject): readonly { readonly name: string | undefined; readonly port: number }[] {
  const sidecars = spec.objects('initContainers').filter((container) => container.text('restartPolicy') === 'Always')
  return [...spec.objects('containers'), ...sidecars].flatMap((container) =>
    container.objects('ports').flatMap((declared) => {
      const port = declared.integer('containerPort')
      const isTcp = (declared.text('protocol') ?? 'TCP') === 'TCP'
      return isTcp && port !== undefined ? [{ name: declared.name('name'), port }] : []
    }),
  )
}
