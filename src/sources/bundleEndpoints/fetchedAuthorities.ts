import { caCertificatesOf, type CaCertificate } from '../../identity/certificate.ts'
import type { SpiffeBundle } from '../../identity/spiffeBundle.ts'
import type { FetchedBundles } from './fetchedBundles.ts'

interface Known {
  readonly bundle: SpiffeBundle
  /** Undefined if one of them cannot be read. */
  readonly authorities: readonly CaCertificate[] | undefined
}

/**
 * Returns a function that returns the authorities in the newest bundle of a trust domain: the same list as long as they are the same;
 * undefined if no bundle was fetched, or a certificate in it cannot be read.
 */
export function fetchedAuthorities(
  fetched: FetchedBundles,
): (trustDomain: string) => readonly CaCertificate[] | undefined {
  const known = new Map<string, Known>()
  return (trustDomain) => {
    const bundle = fetched.get(trustDomain)?.bundle
    if (bundle === undefined) return undefined
    const last = known.get(trustDomain)
    if (last?.bundle === bundle) return last.authorities
    const ders = bundle.x509Authorities.map(({ der }) => Buffer.from(der, 'base64'))
    const read = caCertificatesOf(ders, 1)
    const authorities = 'problem' in read ? undefined : sameOr(last?.authorities, read)
    known.set(trustDomain, { bundle, authorities })
    return authorities
  }
}

/** Returns the list that is known if the one that was read has the same certificates. */
function sameOr(known: readonly CaCertificate[] | undefined, read: readonly CaCertificate[]): readonly CaCertificate[] {
  const isSame =
    known?.length === read.length && read.every(({ fingerprint }, index) => fingerprint === known[index]?.fingerprint)
  return isSame ? known : read
}
