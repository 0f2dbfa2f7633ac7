import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import { join } from 'node:path'
import type { KubernetesObject } from './apiServer/object.ts'

/** The headless Service of svidwatch's node roles. */
export const nodeRoleService = { namespace: 'svidwatch-node', name: 'svidwatch-node' } as const

/**
 * Returns the EndpointSlice with one node role as an endpoint of the Service. All endpoints of a slice have the same ports, so
 * node roles in one process need a slice each.
 */
export function endpointSlice(node: string, url: string): KubernetesObject {
  const { hostname, port } = new URL(url)
  const address = hostname.replace(/^\[(.*)\]$/, '$1')
  const { namespace, name } = nodeRoleService
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace, name: `${name}-${node}`, labels: { 'kubernetes.io/service-name': name } },
    addressType: isIPv6(address) ? 'IPv6' : 'IPv4',
    endpoints: [
      { addresses: [address], nodeName: node, conditions: { ready: true, serving: true, terminating: false } },
    ],
    ports: [{ name: 'metrics', port: Number(port), protocol: 'TCP' }],
  }
}

/** The paths of the PEM files with which the cluster role signs its tokens and the node roles verify them. */
export interface FindingsKeys {
  readonly signingKey: string
  readonly publicKeys: string
}

/** Creates a key pair and writes it into an existing folder. Only the owner may read the private key. */
export async function writeFindingsKeys(folder: string): Promise<FindingsKeys> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const files = { signingKey: join(folder, 'signing-key.pem'), publicKeys: join(folder, 'public-keys.pem') }
  await writeFile(files.signingKey, privateKey, { mode: 0o600 })
  await writeFile(files.publicKeys, publicKey)
  return files
}
