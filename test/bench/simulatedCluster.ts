/**
 * The cluster that nodes.ts follows, in a process of its own: `simulatedCluster.ts NODES SVIDS` serves a Kubernetes API with the
 * nodes, the pods and the EndpointSlices, and the findings of each node at an address of its own (127.1.x.y). It sends
 * `{ kubeconfig }` when it is there; told `{ renewMs }`, it renews each SVID once over that time, and then sends `{ renewed }`,
 * how many. Tokens are not verified. The notBefore of each SVID is the moment when it was sent.
 */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock as clock } from '../../src/clock.ts'
import { spiffeDriver } from '../../src/config/spiffeDriver.ts'
import { startApiServer } from '../../src/world/apiServer/server.ts'
import { createStore } from '../../src/world/apiServer/store.ts'
import { findingsContentType, heartbeatMs } from '../../src/nodeStream/contract.ts'
import { encodeLine } from '../../src/nodeStream/lines.ts'

const hourMs = 3_600_000
const [nodes = 0, svids = 0] = process.argv.slice(2).map(Number)

const nodeName = (node: number) => `node-${node}`
const addressOf = (node: number) => `127.1.${node >> 8}.${node & 255}`
const podUid = (node: number, pod: number) =>
  `${String(node).padStart(8, '0')}-0000-4000-8000-${String(pod).padStart(12, '0')}`

let sent = 0

/** The fingerprint of the one authority in each bundle. */
const authority = 'a'.repeat(64)
const authorityKeyId = 'ca'.repeat(20)

/** The line that tells of a fresh SVID in the only volume of a pod. */
function freshSvid(node: number, pod: number): string {
  const nowMs = clock.now()
  sent += 1
  const svid = {
    spiffeId: `spiffe://bench.example.org/ns/team-${pod % 20}/sa/app-${pod}`,
    trustDomain: 'bench.example.org',
    notBeforeMs: nowMs,
    notAfterMs: nowMs + hourMs,
    fingerprint: sent.toString(16).padStart(64, '0'),
    chain: { notBeforeMs: nowMs, notAfterMs: nowMs + 24 * hourMs },
    authorityKeyId,
  }
  const period = { notBeforeMs: nowMs, notAfterMs: nowMs + 24 * hourMs }
  const authorities = [{ fingerprint: authority, keyId: authorityKeyId, ...period }]
  const bundle = { certificates: 1, authorities, newestNotAfterMs: period.notAfterMs }
  const verdict = { authority, period }
  const written = { reading: { svid }, writtenMs: nowMs, bundle, verdict, mountBirthMs: nowMs }
  const mounted = { podUid: podUid(node, pod), volume: 'spiffe', ...written }
  return encodeLine({ type: 'mounted', mounted })
}

const followers = new Map<number, ServerResponse>()
const nodesByAddress = new Map(Array.from({ length: nodes }, (_, node) => [addressOf(node), node]))

const nodeRoles = createServer((request, response) => {
  const node = nodesByAddress.get(request.socket.localAddress ?? '')
  if (node === undefined || !/^Bearer \S+\.\S+\.\S+$/.test(request.headers.authorization ?? '')) {
    response.writeHead(401).end()
    return
  }
  followers.set(node, response)
  response.on('close', () => followers.delete(node))
  response.writeHead(200, { 'content-type': findingsContentType })
  const known = Array.from({ length: svids }, (_, pod) => freshSvid(node, pod))
  const snapshot = [{ type: 'snapshot' }, { type: 'synced' }, { type: 'sighted' }] as const
  const [begin, synced, sighted] = snapshot.map(encodeLine)
  response.write([begin, ...known, synced, sighted].join(''))
  void beat(response)
})

async function beat(response: ServerResponse): Promise<void> {
  while (!response.destroyed) {
    await clock.sleep(heartbeatMs)
    response.write(encodeLine({ type: 'heartbeat' }))
  }
}

async function renew(overMs: number): Promise<void> {
  const all = nodes * svids
  const sinceMs = clock.now()
  for (let next = 0; next < all; await clock.sleep(10)) {
    const due = Math.min(all, Math.floor(((clock.now() - sinceMs) / overMs) * all))
    for (; next < due; next += 1) {
      const node = next % nodes
      followers.get(node)?.write(freshSvid(node, Math.floor(next / nodes)))
    }
  }
  process.send?.({ renewed: all })
}

nodeRoles.listen(0, '0.0.0.0')
await once(nodeRoles, 'listening')
const { port } = nodeRoles.address() as AddressInfo

const store = createStore(clock)
for (const index of Array(20).keys()) {
  store.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `team-${index}` } })
}
for (const node of Array(nodes).keys()) {
  store.create('nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: nodeName(node) } })
  for (const pod of Array(svids).keys()) {
    store.create('pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `app-${pod}-${node}`, namespace: `team-${pod % 20}`, uid: podUid(node, pod) },
      spec: {
        nodeName: nodeName(node),
        containers: [{ name: 'app', image: 'app' }],
        volumes: [{ name: 'spiffe', csi: { driver: spiffeDriver.name, readOnly: true } }],
      },
      status: {
        phase: 'Running',
        containerStatuses: [{ name: 'app', state: { running: { startedAt: new Date(clock.now()).toISOString() } } }],
      },
    })
  }
}
const perSlice = 100
for (let first = 0; first < nodes; first += perSlice) {
  const length = Math.min(perSlice, nodes - first)
  store.create('endpointslices', {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `svidwatch-node-${first}`,
      namespace: 'svidwatch',
      labels: { 'kubernetes.io/service-name': 'svidwatch-node' },
    },
    addressType: 'IPv4',
    ports: [{ name: 'metrics', port, protocol: 'TCP' }],
    endpoints: Array.from({ length }, (_, index) => ({
      nodeName: nodeName(first + index),
      addresses: [addressOf(first + index)],
      conditions: { ready: true, serving: true, terminating: false },
    })),
  })
}
const api = await startApiServer({ clock, store })
process.on('message', (message: { renewMs: number }) => void renew(message.renewMs))
process.on('disconnect', () => process.exit())
process.send?.({ kubeconfig: api.kubeconfig })
