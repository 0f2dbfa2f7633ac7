import type { Clock } from '../../src/clock.ts'
import { spiffeDriver } from '../../src/config/spiffeDriver.ts'
import { Diagnoses } from '../../src/diagnosis/diagnoses.ts'
import type { Diagnosis } from '../../src/diagnosis/diagnosis.ts'
import { renewalRules } from '../../src/identity/renewal.ts'
import { Ledger } from '../../src/ledger/ledger.ts'
import { parseMemory, serializeMemory } from '../../src/ledger/memory.ts'
import type { Observation } from '../../src/ledger/observations.ts'
import type { SourceName } from '../../src/ledger/sight/observations.ts'
import { memoryOf } from '../support/ledgerReading.ts'
import { agent, bundleName, type Fleet } from './fleet.ts'
import type { Sight } from './sight.ts'

const sources = [
  'namespaces',
  'nodes',
  'csiNodes',
  'pods',
  'certificateRequests',
  'trustManagerBundles',
  'trustBundles',
] as const satisfies readonly SourceName[]

/** ConfigMaps are watched by their names. */
const partOf = (source: SourceName) => (source === 'trustBundles' ? { name: bundleName } : {})

/** svidwatch's cluster role over a fleet: the real ledger and the real diagnosis, which are told what the fleet shows. */
export class Svidwatch {
  readonly #fleet: Fleet
  readonly #sight: Sight
  readonly #clock: Clock
  #ledger: Ledger
  #diagnoses: Diagnoses

  constructor(fleet: Fleet, sight: Sight) {
    this.#fleet = fleet
    this.#sight = sight
    this.#clock = {
      now: () => fleet.nowMs,
      monotonicMs: () => fleet.nowMs,
      processorMs: () => 0,
      random: () => 0.5,
      sleep: (ms) => (ms === 0 ? Promise.resolve() : new Promise<void>(() => undefined)),
    }
    this.#ledger = this.#newLedger()
    this.#diagnoses = new Diagnoses(this.#ledger, this.#clock)
    this.#listAll()
    fleet.listen((observation, node) => {
      if (node === undefined || sight.sees(node)) this.#ledger.report(observation)
    })
  }

  /** The process ends, and the next one begins with what this one remembers. */
  restart(): void {
    const stored = parseMemory(serializeMemory(memoryOf(this.#ledger)))
    if ('problem' in stored) throw new Error(`what svidwatch stores cannot be read: ${stored.problem}`)
    this.#ledger = this.#newLedger()
    this.#ledger.restore(stored.memory)
    this.#diagnoses = new Diagnoses(this.#ledger, this.#clock)
    this.#listAll()
  }

  /** A node role is silent from now on. */
  lose(node: string): void {
    this.#sight.lose(node)
    this.#ledger.report({ kind: 'nodeTrouble', node, reason: 'unreachable', detail: '' })
  }

  /** A node role is back. */
  gain(node: string): void {
    this.#sight.gain(node)
    this.#listNode(node)
  }

  /** Hears that all which it sees is as it was, and returns what is wrong. */
  async judge(): Promise<readonly Diagnosis[]> {
    for (const source of sources) this.#ledger.report({ kind: 'contact', source })
    this.#ledger.report({ kind: 'contact', source: 'nodeFindings' })
    for (const node of this.#fleet.nodes) if (this.#sight.sees(node)) this.#ledger.report({ kind: 'nodeContact', node })
    await this.#diagnoses.judge()
    return [...this.#diagnoses.all()]
  }

  #newLedger(): Ledger {
    return new Ledger({
      clock: this.#clock,
      sources: [...sources, 'nodeFindings'],
      maxIssuers: 100,
      trustBundleNames: [bundleName],
      agents: [agent],
      svidAgents: [agent],
      renewal: { drivers: new Map([[spiffeDriver.name, renewalRules.csiDriverSpiffe]]), files: new Map() },
    })
  }

  #listAll(): void {
    const objects: Readonly<Record<(typeof sources)[number], readonly Observation[]>> = this.#fleet.objects()
    for (const source of sources) {
      const part = partOf(source)
      this.#ledger.report({ kind: 'listing', source, ...part })
      for (const object of objects[source]) this.#ledger.report(object)
      this.#ledger.report({ kind: 'listed', source, ...part, resourceVersion: this.#fleet.resourceVersion })
      this.#ledger.report({ kind: 'contact', source, ...part })
    }
    this.#ledger.report({ kind: 'contact', source: 'nodeFindings' })
    for (const node of this.#fleet.nodes) if (this.#sight.sees(node)) this.#listNode(node)
  }

  #listNode(node: string): void {
    this.#ledger.report({ kind: 'findingsListing', node })
    for (const mounted of this.#fleet.findings(node)) this.#ledger.report({ kind: 'mounted', node, mounted })
    this.#ledger.report({ kind: 'findingsListed', node })
    this.#ledger.report({ kind: 'nodeContact', node })
  }
}
