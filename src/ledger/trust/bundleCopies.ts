import type { TrustBundle } from '../../identity/trustBundle.ts'
import type { KnownCopy } from './bundleObjects.ts'
import { firstEndMs } from './certificateSets.ts'
import { compareCopies } from './compareCopies.ts'
import type { BundleCopiesView } from './view.ts'

/**
 * Returns the copies of each trust bundle by name. A ConfigMap and a ClusterTrustBundle of one name are two bundles: the latter has no
 * namespace, and its name comes with `ClusterTrustBundle/`.
 */
export function bundleCopiesOf(copies: Iterable<Omit<KnownCopy, 'uid'>>): readonly BundleCopiesView[] {
  const byName = Map.groupBy(copies, ({ name, namespace }) => (namespace === '' ? `ClusterTrustBundle/${name}` : name))
  return Array.from(byName, ([name, held]) => {
    const copy = ({ namespace, content, sinceMs }: (typeof held)[number]) =>
      ({ name: namespace, bundle: bundleIn(content), changedMs: sinceMs }) as const
    const compared = compareCopies(held.map(copy))
    return {
      ...compared,
      name,
      namespaces: new Map(
        held.flatMap(({ namespace, content }) => (namespace === '' ? [] : [[namespace, bundleIn(content)] as const])),
      ),
      firstEndMs: compared.bundle && firstEndMs(compared.bundle),
    }
  })
}

const bundleIn = (content: KnownCopy['content']): TrustBundle | undefined =>
  'bundle' in content ? content.bundle : undefined
