import { kubectl } from './shell.ts'

/** What breaks in a cluster, and how it is healed. To heal what is whole changes nothing, so that a test may do it in the end in any case. */

const issuer = ['clusterissuer', 'spiffe-ca'] as const
const manager = ['-n', 'cert-manager'] as const
const driver = 'daemonset/cert-manager-csi-driver-spiffe-driver'
const ofDriver = ['-l', 'app=cert-manager-csi-driver-spiffe'] as const

const setIssuerSecret = (secretName: string) =>
  kubectl('patch', ...issuer, '--type=merge', '-p', JSON.stringify({ spec: { ca: { secretName } } }))

/** Lets the issuer lose its CA, which makes it not Ready. */
export const breakIssuer = (): Promise<string> => setIssuerSecret('gone')

export const healIssuer = (): Promise<string> => setIssuerSecret('spiffe-ca')

/** Lets cert-manager make another CA, with which the issuer signs from then on. */
export const rotateCa = (): Promise<string> => kubectl(...manager, 'delete', 'secret', 'spiffe-ca')

/** Selects a node that does not exist, or any node. */
const setDriverNode = (no: 'such-node' | null) => {
  const template = { spec: { nodeSelector: { no } } }
  return kubectl(...manager, 'patch', driver, '--type=merge', '-p', JSON.stringify({ spec: { template } }))
}

/** Stops the driver on all nodes. Mounts and their files stay as they are. */
export async function stopDriver(): Promise<void> {
  await setDriverNode('such-node')
  await kubectl(...manager, 'wait', '--for=delete', 'pod', ...ofDriver, '--timeout=60s')
}

export async function startDriver(): Promise<void> {
  await setDriverNode(null)
  await kubectl(...manager, 'rollout', 'status', driver, '--timeout=120s')
}
