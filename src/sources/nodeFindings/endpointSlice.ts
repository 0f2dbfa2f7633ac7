import { isIP } from 'node:net'
import { KubernetesObject, MalformedObjectError } from '../kubernetesObject.ts'
import { printable } from '../../text/printable.ts'

/** Where a node role offers its findings. */
export interface Endpoint {
  readonly node: string
  /** An IP address. */
  readonly address: string
  readonly port: number
  /** How good it is to follow, where a node has several: the smaller the better. */
  readonly rank: number
}

/** What is kept of one EndpointSlice. */
export interface Slice {
  readonly uid: string
  readonly endpoints: readonly Endpoint[]
  /** What of it cannot be followed: which endpoint, and why. */
  readonly rejections: readonly { readonly where: string; readonly detail: string }[]
}

/** The name of the port to follow, where a slice has several. */
const portName = 'metrics'

/** Reads an EndpointSlice (discovery.k8s.io/v1). Throws a `MalformedObjectError` where all of it is of no use. */
export function projectSlice(raw: unknown): Slice {
  const object = new KubernetesObject(raw)
  const metadata = object.object('metadata')
  const endpoints: Endpoint[] = []
  const rejections: Slice['rejections'][number][] = []
  const found = object.objects('endpoints')
  const port = found.length === 0 ? 0 : portOf(object)
  found.forEach((endpoint, index) => {
    const where = `EndpointSlice ${metadata.requiredName('namespace')}/${metadata.requiredName('name')} endpoint ${index + 1}`
    const read = readEndpoint(endpoint, port)
    if (typeof read === 'string') rejections.push({ where, detail: read })
    else endpoints.push(read)
  })
  return { uid: metadata.requiredName('uid'), endpoints, rejections }
}

/** Which endpoint of each node to follow: the best one, of equal ones the first in the order of addresses. */
export function endpointsByNode(slices: Iterable<Slice>): ReadonlyMap<string, Endpoint> {
  const best = new Map<string, Endpoint>()
  for (const { endpoints } of slices) {
    for (const endpoint of endpoints) {
      const other = best.get(endpoint.node)
      if (other === undefined || isBetter(endpoint, other)) best.set(endpoint.node, endpoint)
    }
  }
  return best
}

function isBetter(one: Endpoint, other: Endpoint): boolean {
  return one.rank === other.rank ? one.address < other.address : one.rank < other.rank
}

function portOf(slice: KubernetesObject): number {
  const ports = slice.objects('ports')
  const chosen = ports.find((one) => one.name('name') === portName) ?? (ports.length === 1 ? ports[0] : undefined)
  const port = chosen?.integer('port')
  if (port !== undefined && port > 0 && port < 65_536) return port
  throw new MalformedObjectError('malformed_object', `ports must have one with the name ${portName}, or just one`)
}

/** The endpoint, or what is wrong with it. */
function readEndpoint(endpoint: KubernetesObject, port: number): Endpoint | string {
  try {
    const node = endpoint.name('nodeName') ?? ''
    if (node === '') return 'it has no nodeName, so that nobody knows which node it speaks for'
    const [address = ''] = endpoint.names('addresses')
    if (isIP(address) === 0) return `its address "${printable(address)}" is no IP address`
    return { node, address, port, rank: rankOf(endpoint.object('conditions')) }
  } catch (thrown) {
    if (thrown instanceof MalformedObjectError) return thrown.message
    throw thrown
  }
}

/**
 * Ready ones first, those of pods that are about to end last. `ready` alone does not tell: it is always true where the Service
 * publishes addresses that are not ready. What is absent is to be taken for ready.
 */
function rankOf(conditions: KubernetesObject): number {
  if (conditions.flag('terminating')) return 2
  return conditions.flag('ready', true) && conditions.flag('serving', true) ? 0 : 1
}
