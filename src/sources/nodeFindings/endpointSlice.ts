import { isIP } from 'node:net'
import { KubernetesObject, MalformedObjectError } from '../kubernetesObject.ts'
import { printable } from '../../text/printable.ts'

/** The address of a node role. */
export interface Endpoint {
  readonly node: string
  /** An IP address. */
  readonly address: string
  readonly port: number
  /** The preference among several endpoints of a node: the smallest is followed. */
  readonly rank: number
}

/** The endpoints of one EndpointSlice. */
export interface Slice {
  readonly uid: string
  readonly endpoints: readonly Endpoint[]
  /** The endpoints that cannot be followed, and why. */
  readonly rejections: readonly { readonly where: string; readonly detail: string }[]
}

/** The name of the port to follow if a slice has several. */
const portName = 'metrics'

/** Reads an EndpointSlice (discovery.k8s.io/v1). Throws a `MalformedObjectError` if none of it can be used. */
export function projectSlice(raw: unknown): Slice {
  const object = new KubernetesObject(raw)
  const metadata = object.object('metadata')
  const endpoints: Endpoint[] = []
  const rejections: Slice['rejections'][number][] = []
  const found = object.objects('endpoints')
  const port = found.length === 0 ? 0 : portOf(object)
  found.forEach((endpoint, index) => {
    const where = `EndpointSlice ${metadata.requiredObjectName('namespace')}/${metadata.requiredObjectName('name')} endpoint ${index + 1}`
    const read = readEndpoint(endpoint, port)
    if (typeof read === 'string') rejections.push({ where, detail: read })
    else endpoints.push(read)
  })
  return { uid: metadata.requiredName('uid'), endpoints, rejections }
}

/** Returns the endpoint to follow for each node: the one with the smallest rank, then with the smallest address. */
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
  throw new MalformedObjectError('malformed_object', `ports must have one named ${portName}, or only one port`)
}

/** Returns the endpoint, or why it cannot be followed. */
function readEndpoint(endpoint: KubernetesObject, port: number): Endpoint | string {
  try {
    const node = endpoint.objectName('nodeName') ?? ''
    if (node === '') return 'the endpoint has no nodeName, so its node is unknown'
    const [address = ''] = endpoint.names('addresses')
    if (isIP(address) === 0) return `the address "${printable(address)}" is not an IP address`
    return { node, address, port, rank: rankOf(endpoint.object('conditions')) }
  } catch (thrown) {
    if (thrown instanceof MalformedObjectError) return thrown.message
    throw thrown
  }
}

/**
 * Returns 0 for an endpoint that is ready, 2 for one that is terminating, 1 for others. `ready` alone is not enough: it is always
 * true if the Service publishes addresses that are not ready. An absent condition means ready.
 */
function rankOf(conditions: KubernetesObject): number {
  if (conditions.flag('terminating')) return 2
  return conditions.flag('ready', true) && conditions.flag('serving', true) ? 0 : 1
}
