import type { TrustBundle } from '../../identity/trustBundle.ts'
import { areNested, newestMs } from './certificateSets.ts'
import { FirstNames } from './firstNames.ts'
import type { CopiesView } from './view.ts'

/** One copy of a trust bundle. Equal bundles are one object. */
export interface NamedCopy {
  readonly name: string
  /** Undefined if it cannot be read. */
  readonly bundle: TrustBundle | undefined
  /** When it has changed, as far as this process has seen it, ms since the Unix epoch. */
  readonly changedMs: number
}

/** Compares copies that should be equal with the one that most have. Of several such, the one with the newest authority counts. */
export function compareCopies(copies: Iterable<NamedCopy>): CopiesView {
  const groups = new Map<TrustBundle | undefined, FirstNames>()
  let changedMs = -Infinity
  for (const copy of copies) {
    namesOf(groups, copy.bundle).add(copy.name)
    changedMs = Math.max(changedMs, copy.changedMs)
  }
  const unreadable = namesOf(groups, undefined)
  groups.delete(undefined)
  const bundle = mostCommon(groups)
  const current = bundle ? namesOf(groups, bundle).count : 0
  const different = new FirstNames()
  let nested = true
  for (const [other, names] of groups) {
    if (bundle === undefined || other === undefined || other === bundle) continue
    different.addAll(names.view())
    nested &&= areNested(bundle, other)
  }
  return {
    current,
    different: different.view(),
    unreadable: unreadable.view(),
    changedMs,
    areNested: nested,
    bundle,
  }
}

function namesOf(groups: Map<TrustBundle | undefined, FirstNames>, bundle: TrustBundle | undefined): FirstNames {
  const names = groups.get(bundle) ?? new FirstNames()
  groups.set(bundle, names)
  return names
}

function mostCommon(groups: ReadonlyMap<TrustBundle | undefined, FirstNames>): TrustBundle | undefined {
  let most: { readonly bundle: TrustBundle; readonly count: number } | undefined
  for (const [bundle, { count }] of groups) {
    if (bundle === undefined) continue
    const isMore = most === undefined || count > most.count
    if (isMore || (count === most?.count && newestMs(bundle) > newestMs(most.bundle))) most = { bundle, count }
  }
  return most?.bundle
}
