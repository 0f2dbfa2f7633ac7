import type { TrustBundle } from '../../identity/trustBundle.ts'
import type { BundleVolumes } from './bundleVolumes.ts'
import { hasAuthority } from './certificateSets.ts'
import { FirstNames } from './firstNames.ts'
import type { BundleCopiesView, Holders, SomeNames } from './view.ts'

/** Holders with the same bundles. A bundle that cannot be read is undefined. */
export interface HolderGroup {
  readonly bundles: readonly (TrustBundle | undefined)[]
  readonly names: SomeNames
}

/** Returns how many of the holders have an authority: all of their bundles do. */
export function holdersOf(groups: readonly HolderGroup[], keyId: string): Holders {
  const lacking = new FirstNames()
  let total = 0
  for (const { bundles, names } of groups) {
    total += names.count
    const hasAll = bundles.every((bundle) => bundle !== undefined && hasAuthority(bundle, keyId))
    if (!hasAll) lacking.addAll(names)
  }
  return { total, trusting: total - lacking.count, lacking: [...lacking.items] }
}

export const volumeGroups = (bundles: ReadonlyMap<TrustBundle, BundleVolumes>): readonly HolderGroup[] =>
  Array.from(bundles, ([bundle, volumes]) => ({ bundles: [bundle], names: volumes.names() }))

/** Returns the nodes by the bundle that each got last. */
export const nodeGroups = (nodes: ReadonlyMap<string, TrustBundle>): readonly HolderGroup[] =>
  grouped(Array.from(nodes, ([name, bundle]) => ({ name, bundles: [bundle] })))

/** Returns the namespaces by what their copies of these bundles hold. */
export function namespaceGroups(copies: readonly BundleCopiesView[]): readonly HolderGroup[] {
  const byNamespace = new Map<string, (TrustBundle | undefined)[]>()
  for (const { namespaces } of copies)
    for (const [namespace, bundle] of namespaces) {
      const known = byNamespace.get(namespace)
      if (known) known.push(bundle)
      else byNamespace.set(namespace, [bundle])
    }
  return grouped(Array.from(byNamespace, ([name, bundles]) => ({ name, bundles })))
}

/** Puts holders with the same bundles together. */
function grouped(
  holders: readonly { readonly name: string; readonly bundles: HolderGroup['bundles'] }[],
): readonly HolderGroup[] {
  const numbers = new Map<TrustBundle | undefined, number>()
  const groups = new Map<string, { readonly bundles: HolderGroup['bundles']; readonly names: FirstNames }>()
  for (const { name, bundles } of holders) {
    for (const bundle of bundles) if (!numbers.has(bundle)) numbers.set(bundle, numbers.size)
    const key = bundles.map((bundle) => numbers.get(bundle)).join(' ')
    const group = groups.get(key) ?? { bundles, names: new FirstNames() }
    groups.set(key, group)
    group.names.add(name)
  }
  return Array.from(groups.values(), ({ bundles, names }) => ({ bundles, names: names.view() }))
}
