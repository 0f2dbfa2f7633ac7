import { X509Certificate } from 'node:crypto'
import { readdir, readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'

/** What is in one volume of a pod on this node. */
export interface MountedPair {
  readonly leaf: X509Certificate
  readonly authorities: readonly X509Certificate[]
}

const kubeletRoot = process.env['SVIDWATCH_TEST_KUBELET_ROOT'] ?? '/var/lib/kubelet'

/** Reads the SVID and the trust bundle of every mounted volume of a CSI driver on this node, whosever pod it is. */
export async function mountedPairs(): Promise<readonly MountedPair[]> {
  const pods = await readdir(join(kubeletRoot, 'pods'))
  const found = await Promise.all(
    pods.map((uid) => pairsOf(join(kubeletRoot, 'pods', uid, 'volumes/kubernetes.io~csi'))),
  )
  return found.flat()
}

async function pairsOf(volumes: string): Promise<readonly MountedPair[]> {
  const names = await readdir(volumes).catch(() => [])
  const pairs = await Promise.all(names.map((name) => pairIn(join(volumes, name, 'mount'))))
  return pairs.filter((pair) => pair !== undefined)
}

/** Returns what is in a folder of the driver; undefined if nothing is, or if it is replaced meanwhile. */
async function pairIn(folder: string): Promise<MountedPair | undefined> {
  try {
    const version = await realpath(join(folder, '..data'))
    const [leaf, bundle] = await Promise.all(['tls.crt', 'ca.crt'].map((name) => readFile(join(version, name), 'utf8')))
    return { leaf: new X509Certificate(leaf ?? ''), authorities: certificatesIn(bundle ?? '') }
  } catch {
    return undefined
  }
}

/** Returns the certificates of a text in PEM. */
export const certificatesIn = (pem: string): readonly X509Certificate[] =>
  Array.from(
    pem.matchAll(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g),
    ([certificate]) => new X509Certificate(certificate),
  )

/**
 * Counts the pairs of a valid SVID and a trust bundle that does not verify it, by verifying each signature, as svidwatch tells them: those
 * of one SVID alone, or of one volume alone, are counted as well.
 */
export function failingPairs(volumes: readonly MountedPair[]): number {
  const valid = volumes.filter(({ leaf }) => leaf.validToDate.getTime() > Date.now())
  const verifies = (leaf: X509Certificate, { authorities }: MountedPair) =>
    authorities.some((authority) => leaf.checkIssued(authority) && leaf.verify(authority.publicKey))
  return valid.reduce((sum, { leaf }) => sum + volumes.filter((peer) => !verifies(leaf, peer)).length, 0)
}
