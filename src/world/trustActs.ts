import type { CertificateAuthority } from './certificateAuthority.ts'
import type { Driver } from './driver.ts'
import type { Issuer } from './issuer.ts'
import type { TrustManager } from './trustManager.ts'

/** What can be done to the CA of the issuer, and to the trust bundles. */
export interface TrustActs {
  /**
   * The Secret of the CA is deleted. cert-manager makes another CA, with which the issuer signs from now on, and which alone is the source
   * of the Bundle.
   */
  rotateAuthority(): Promise<void>
  /** There is a next CA, which the source of the Bundle has beside the others. The issuer does not sign with it yet. */
  announceAuthority(): Promise<void>
  /** The issuer signs with the CA that was announced last from now on. */
  signWithNewest(): void
  /** The source of the Bundle has no CA but the one that was announced last from now on. */
  dropOlderAuthorities(): void
  /** The source of the Bundle is gone. The ConfigMaps keep what they have. */
  loseBundleSource(): void
  /** From now on, nothing changes a ConfigMap but `editBundle`. */
  stopTrustManager(): void
  /** The ConfigMap of each namespace has what the source of the Bundle has again, within a second. */
  startTrustManager(): void
  /** Somebody writes certificates (PEM) into the ConfigMap of a namespace. trust-manager undoes that, unless it is stopped. */
  editBundle(namespace: string, pem: string): void
  /** The driver on a node keeps the source bundle that it has, whatever its ConfigMap has. Throws if the node has no driver. */
  holdBundle(node: string): void
}

interface TrustOfWorld {
  /** The CA with which the issuer signs at first. */
  readonly authority: CertificateAuthority
  readonly newAuthority: () => Promise<CertificateAuthority>
  readonly issuer: Issuer
  readonly trustManager: TrustManager
  /** By node. */
  readonly drivers: ReadonlyMap<string, Driver>
}

/** Returns what can be done to the trust of a world. */
export function trustActs({ authority, newAuthority, issuer, trustManager, drivers }: TrustOfWorld): TrustActs {
  let newest = authority
  let source = [authority]
  const setSource = (authorities: CertificateAuthority[]) => {
    source = authorities
    trustManager.setSource(authorities.map(({ certificatePem }) => certificatePem).join(''))
  }
  return {
    rotateAuthority: async () => {
      newest = await newAuthority()
      issuer.rotate(newest)
      setSource([newest])
    },
    announceAuthority: async () => {
      newest = await newAuthority()
      setSource([...source, newest])
    },
    signWithNewest: () => issuer.rotate(newest),
    dropOlderAuthorities: () => setSource([newest]),
    loseBundleSource: () => trustManager.setSource(undefined),
    stopTrustManager: () => trustManager.stop(),
    startTrustManager: () => trustManager.start(),
    editBundle: (namespace, pem) => trustManager.edit(namespace, pem),
    holdBundle: (node) => {
      const driver = drivers.get(node)
      if (driver === undefined) throw new Error(`there is no driver on ${node}`)
      driver.holdBundle()
    },
  }
}
