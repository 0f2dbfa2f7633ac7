import { instantOf, type Clock, type Instant } from '../clock.ts'
import { byNamespace } from './sight/byNamespace.ts'
import type { Part } from './sight/observations.ts'
import type { Sources } from './sight/sources.ts'
import type { Moment } from './workloads/compared/compare.ts'
import type { Knowledge } from './workloads/compared/facts.ts'
import { thisProcess } from './workloads/mounted/findings.ts'

/** What is known of the sources. */
interface Sight {
  readonly clock: Clock
  /** The namespaces that sources watch one by one; undefined if they watch the whole cluster. */
  readonly namespaces?: readonly Part[] | undefined
  readonly sources: Pick<Sources, 'lastContact' | 'knownUntilMs' | 'isUp'>
  readonly reloadGraceMs: Moment['reloadGraceMs']
}

/** Returns this moment. `nodeSeen` returns when a node role was last heard. */
export function momentOf(
  { clock, sources, namespaces, reloadGraceMs }: Sight,
  nodeSeen: (node: string) => Instant | undefined,
): Moment {
  const own = sources.lastContact('mountedSvids')
  return {
    now: instantOf(clock),
    issuedSeen: byNamespace(namespaces, (namespace) => sources.lastContact('certificateRequests', namespace)),
    podsSeen: byNamespace(namespaces, (namespace) => sources.lastContact('pods', namespace)),
    mountedSeen: (node) => (node === thisProcess ? own : nodeSeen(node)),
    reloadGraceMs,
  }
}

/** Returns until when everything is known. `nodeKnownMs` returns until when the findings of a node role are. */
export function knowledgeOf(
  { sources, namespaces }: Sight,
  nodeKnownMs: (node: string) => number | undefined,
): Omit<Knowledge, 'isMutedNamespace'> {
  const ownMs = sources.knownUntilMs('mountedSvids')
  return {
    requestsMs: byNamespace(namespaces, (namespace) => sources.knownUntilMs('certificateRequests', namespace)),
    podsMs: byNamespace(namespaces, (namespace) => sources.knownUntilMs('pods', namespace)),
    seesRequests: byNamespace(namespaces, (namespace) => sources.isUp('certificateRequests', namespace)),
    mountedMs: (node) => (node === thisProcess ? ownMs : nodeKnownMs(node)),
  }
}
