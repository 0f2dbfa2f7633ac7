import type {
  ObjectRejection,
  ReflectedObject,
  ReflectorHandler,
  ReflectorTrouble,
} from '../../src/kubernetes/handler.ts'
import { isRecord, metaOf, whereOf } from '../../src/kubernetes/json.ts'

export interface Item {
  readonly uid: string
  readonly name: string
  readonly value: string
}

/** Projects a ConfigMap, or any object with `data.value`. Refuses one whose value is `malformed`. */
export function projectItem(raw: unknown): Item {
  const data = isRecord(raw) && isRecord(raw.data) ? raw.data : {}
  const value = typeof data.value === 'string' ? data.value : ''
  if (value === 'malformed') throw new Error('data.value: not a value')
  const { uid } = metaOf(raw)
  return { uid, name: whereOf(raw).replace(/^.*\//, ''), value }
}

/** Records the calls of a reflector, a short line each, and keeps the objects as a ledger would. */
export class ReflectorRecorder implements ReflectorHandler<Item> {
  /**
   * All calls in order: `listing`, `listed`, `contact`, `trouble CODE`, `rejected WHERE`, and the lines of `changes`. `contact` is there
   * only the first time and after trouble.
   */
  readonly log: string[] = []
  readonly rejections: ObjectRejection[] = []
  readonly troubles: (ReflectorTrouble & { readonly retryInMs: number })[] = []
  /** The last version of `listed`, `progress` or a change. */
  version = ''
  progressed = 0
  contacts = 0
  #inContact = false
  readonly #known = new Map<string, Item>()
  #unseen = new Set<string>()

  /** Returns the changes outside of lists: `added a=1`, `modified a=2`, `deleted a`. */
  get changes(): string[] {
    return this.log.filter((line) => /^(added|modified|deleted) /.test(line))
  }

  /** Returns the contacts and troubles. */
  get sight(): string[] {
    return this.log.filter((line) => /^(contact|trouble)/.test(line))
  }

  /** Returns the objects that exist now, such as `a=1`, in the order of names. */
  get known(): string[] {
    return [...this.#known.values()].map(({ name, value }) => `${name}=${value}`).sort()
  }

  count(line: string): number {
    return this.log.filter((other) => other === line).length
  }

  listing(): void {
    this.log.push('listing')
    this.#unseen = new Set(this.#known.keys())
  }

  object({ change, listed, object, resourceVersion }: ReflectedObject<Item>): void {
    if (isForeign(object)) return
    this.log.push(`${listed ? 'listed' : change} ${object.name}=${object.value}`)
    this.#known.set(object.uid, object)
    this.#unseen.delete(object.uid)
    if (!listed) this.version = resourceVersion
  }

  deleted({ uid, resourceVersion }: { uid: string; resourceVersion: string }): void {
    this.log.push(`deleted ${this.#known.get(uid)?.name ?? 'somebody unknown'}`)
    this.#known.delete(uid)
    this.version = resourceVersion
  }

  listed(resourceVersion: string): void {
    for (const uid of this.#unseen) this.#known.delete(uid)
    this.log.push('listed')
    this.version = resourceVersion
  }

  progress(resourceVersion: string): void {
    this.progressed += 1
    this.version = resourceVersion
  }

  contact(): void {
    this.contacts += 1
    if (!this.#inContact) this.log.push('contact')
    this.#inContact = true
  }

  trouble(trouble: ReflectorTrouble, retryInMs: number): void {
    this.#inContact = false
    this.log.push(`trouble ${trouble.code}`)
    this.troubles.push({ ...trouble, retryInMs })
  }

  rejected(rejection: ObjectRejection): void {
    const { where, uid, listed } = rejection
    this.rejections.push(rejection)
    if (listed) this.#unseen.delete(uid)
    this.log.push(`rejected ${where.replace(/^.*\//, '')}`)
  }
}

/** Controllers add ConfigMaps of their own to every namespace, at some time. */
function isForeign({ value }: Item): boolean {
  return value === ''
}
