import type { CopyFacts } from '../workloads/compared/copyFacts.ts'
import type { SvidLabels } from '../workloads/view.ts'
import { First, FirstNames } from './firstNames.ts'
import { Pods } from './pods.ts'
import type { SomeNames } from './view.ts'

/** The volumes of one node that have the same trust bundle. Times are ms since the Unix epoch. */
export class NodeVolumes extends Pods {
  /** Until when the last of the volumes is known. */
  knownMs = -Infinity
  /** When the newest SVID beside the bundle became valid. */
  newestSvidMs = -Infinity
}

/** BundleVolumes gathers the volumes that have the same trust bundle. */
export class BundleVolumes {
  count = 0
  readonly nodes = new Map<string, NodeVolumes>()
  readonly #first = new First<SvidLabels>(isBefore)

  /** Adds a volume of a node that is known until `knownMs`, with the SVID beside it. */
  add(copy: CopyFacts, nodeName: string, knownMs: number, isNamed: boolean): void {
    this.count += 1
    if (isNamed) this.#first.keep(copy.labels)
    const node = this.#node(nodeName)
    node.add(copy)
    const { notBeforeMs } = copy.svid
    if (knownMs > node.knownMs) node.knownMs = knownMs
    if (notBeforeMs > node.newestSvidMs) node.newestSvidMs = notBeforeMs
  }

  names(): SomeNames {
    const names = new FirstNames()
    names.addAll({ count: this.count, first: this.#first.items.map(nameOf) })
    return names.view()
  }

  #node(name: string): NodeVolumes {
    const known = this.nodes.get(name)
    if (known !== undefined) return known
    const node = new NodeVolumes()
    this.nodes.set(name, node)
    return node
  }
}

const nameOf = ({ namespace, pod, volume, file }: SvidLabels): string =>
  file === '' ? `${namespace}/${pod}/${volume}` : file

function isBefore(one: SvidLabels, other: SvidLabels): boolean {
  if (one.namespace !== other.namespace) return one.namespace < other.namespace
  if (one.pod !== other.pod) return one.pod < other.pod
  return one.volume === other.volume ? one.file < other.file : one.volume < other.volume
}
