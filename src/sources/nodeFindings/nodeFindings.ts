import type { Clock } from '../../clock.ts'
import { messageOf } from '../../errors.ts'
import type { KubernetesClient } from '../../kubernetes/client.ts'
import type { ReflectorHandler } from '../../kubernetes/handler.ts'
import { runReflector } from '../../kubernetes/reflector.ts'
import type { Report } from '../../ledger/observations.ts'
import { loopSource } from '../loopSource.ts'
import type { Source } from '../source.ts'
import { endpointsByNode, projectSlice, type Slice } from './endpointSlice.ts'
import { Followers, type FollowersOptions } from './followers.ts'
import type { KeyKeeper } from './keyKeeper.ts'
import type { KeysError } from './keysError.ts'

export interface NodeFindingsOptions extends Pick<FollowersOptions, 'signer'> {
  readonly client: KubernetesClient
  readonly clock: Clock
  readonly pageSize: number
  /** The headless Service of the node roles. */
  readonly service: { readonly namespace: string; readonly name: string }
  /** Keeps the key that `signer` signs with. The source waits for it. Undefined if the key is in a file. */
  readonly keys?: Pick<KeyKeeper, 'keep' | 'hasKey'> | undefined
}

const source = 'nodeFindings'

/**
 * Returns a source that discovers the node roles behind a Service and follows their findings. The source has contact while it
 * sees the EndpointSlices of the Service and the stored keys can be used. Contact and trouble of each node role are reported for its
 * node.
 */
export function createNodeFindings({ client, clock, pageSize, service, signer, keys }: NodeFindingsOptions): Source {
  return loopSource(async (report, signal) => {
    const followers = new Followers({ clock, signer, report, signal })
    const discovery = new Discovery(followers, report, signal)
    const keeping = keys?.keep((fault) => discovery.keysFault(fault), signal)
    await keys?.hasKey
    await runReflector({
      client,
      clock,
      pageSize,
      path: `/apis/discovery.k8s.io/v1/namespaces/${service.namespace}/endpointslices`,
      labelSelector: `kubernetes.io/service-name=${service.name}`,
      signal,
      project: projectSlice,
      handler: discovery,
    }).catch((error: unknown) => report({ kind: 'trouble', source, reason: 'internal', detail: messageOf(error) }))
    await Promise.all([followers.ended(), keeping])
  })
}

/** Keeps the EndpointSlices of the Service, and follows the node roles in them. */
class Discovery implements ReflectorHandler<Slice> {
  readonly #followers: Followers
  readonly #report: Report
  readonly #signal: AbortSignal
  #slices = new Map<string, Slice>()
  /** The slices of the list that is not complete yet. */
  #listing = new Map<string, Slice>()
  #inContact = false
  /** Whether contact waits for the first contact or trouble at each node role. */
  #conclusion: 'not awaited' | 'awaited' | 'reached' = 'not awaited'
  #keysFault: KeysError | undefined

  constructor(followers: Followers, report: Report, signal: AbortSignal) {
    this.#followers = followers
    this.#report = report
    this.#signal = signal
  }

  listing(): void {
    this.#listing = new Map()
  }

  object({ listed, object: slice }: Parameters<ReflectorHandler<Slice>['object']>[0]): void {
    const known = this.#slices.get(slice.uid)?.rejections.map(({ where, detail }) => where + detail)
    for (const { where, detail } of slice.rejections) {
      if (known?.includes(where + detail) !== true) {
        this.#report({ kind: 'rejected', source, reason: 'malformed_object', where, detail })
      }
    }
    if (listed) this.#listing.set(slice.uid, slice)
    else {
      this.#slices.set(slice.uid, slice)
      this.#follow()
    }
  }

  deleted({ uid }: { readonly uid: string }): void {
    this.#listing.delete(uid)
    this.#slices.delete(uid)
    this.#follow()
  }

  listed(): void {
    this.#slices = this.#listing
    this.#follow()
  }

  progress(): void {
    // The resourceVersion is not needed: nothing resumes from it.
  }

  contact(): void {
    this.#inContact = true
    if (this.#conclusion === 'reached') this.#reportContact()
    else if (this.#conclusion === 'not awaited') void this.#awaitConclusion()
  }

  trouble({ code, message }: Parameters<ReflectorHandler<Slice>['trouble']>[0]): void {
    this.#inContact = false
    this.#report({ kind: 'trouble', source, reason: code, detail: message })
  }

  /** The stored keys cannot be used, which is trouble of the source whatever else it sees; undefined: they can be. */
  keysFault(fault: KeysError | undefined): void {
    const hadFault = this.#keysFault !== undefined
    this.#keysFault = fault
    if (fault) this.#report({ kind: 'trouble', source, reason: fault.code, detail: fault.message })
    else if (hadFault && this.#inContact && this.#conclusion === 'reached') this.#reportContact()
  }

  rejected({ uid, listed, ...rejection }: Parameters<ReflectorHandler<Slice>['rejected']>[0]): void {
    this.#report({ kind: 'rejected', source, ...rejection })
    const known = this.#slices.get(uid)
    if (listed && known) this.#listing.set(uid, known)
  }

  /** Until each node role was asked once, what is mounted is not known. */
  async #awaitConclusion(): Promise<void> {
    this.#conclusion = 'awaited'
    await this.#followers.concluded()
    this.#conclusion = this.#inContact ? 'reached' : 'not awaited'
    if (this.#inContact) this.#reportContact()
  }

  #reportContact(): void {
    if (this.#keysFault === undefined && !this.#signal.aborted) this.#report({ kind: 'contact', source })
  }

  #follow(): void {
    this.#followers.follow(endpointsByNode(this.#slices.values()))
  }
}
