import type { CopyFacts } from '../workloads/compared/copyFacts.ts'
import type { SvidLabels } from '../workloads/view.ts'

/** Pods counts volumes, and knows whether they are of more than one workload. */
export class Pods {
  volumes = 0
  areSeveral = false
  #first: SvidLabels | undefined

  add({ labels }: CopyFacts): void {
    this.volumes += 1
    if (this.areSeveral) return
    this.#first ??= labels
    this.areSeveral = !isSameWorkload(labels, this.#first)
  }

  addAll(others: Pods): void {
    this.volumes += others.volumes
    this.#first ??= others.#first
    this.areSeveral ||= others.areSeveral
    if (this.#first && others.#first) this.areSeveral ||= !isSameWorkload(others.#first, this.#first)
  }
}

const isSameWorkload = (one: SvidLabels, other: SvidLabels): boolean =>
  one.pod === other.pod && one.namespace === other.namespace && one.file === other.file
