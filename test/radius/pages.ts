import type { Diagnosis } from '../../src/diagnosis/diagnosis.ts'
import { alertAfter } from '../../src/diagnosis/codes.ts'

/** So many refused SVIDs of one issuer have one alert. */
const manyRefused = 5
const mostNamed = 100

/** Pages counts the critical alerts that begin, by name, as the shipped rules tell them. */
export class Pages {
  readonly #isExplained: (diagnosis: Diagnosis) => boolean
  readonly #pages = new Set<string>()

  readonly #unrelated: ReadonlySet<string>

  /** `isExplained`: whether another page speaks for a problem. `unrelated`: the SVIDs that fail for reasons of their own, whose pages do not count. */
  constructor(isExplained: (diagnosis: Diagnosis) => boolean, unrelated: ReadonlySet<string>) {
    this.#isExplained = isExplained
    this.#unrelated = unrelated
  }

  get count(): number {
    return this.#pages.size
  }

  hear(diagnoses: readonly Diagnosis[], nowMs: number): void {
    const waking = diagnoses.filter(
      ({ severity, muted, key }) => severity === 'critical' && !muted && !this.#unrelated.has(key),
    )
    const refused: Diagnosis[] = []
    for (const diagnosis of waking) {
      const { code, key, subject } = diagnosis
      if (code === 'issuer_down') this.#pages.add(`issuer ${key}`)
      else if (code === 'incident') this.#pages.add(`incident ${JSON.stringify(subject)}`)
      else if (this.#isExplained(diagnosis)) continue
      else if (code === 'peer_refuses') refused.push(diagnosis)
      else this.#name(key)
    }
    for (const [issuer, ofIssuer] of Map.groupBy(refused, ({ subject }) => subject.issuer)) {
      const lasting = ofIssuer.filter(({ sinceMs }) => nowMs - sinceMs >= alertAfter('peer_refuses'))
      if (ofIssuer.length >= manyRefused && lasting.length > 0) this.#pages.add(`refused ${issuer}`)
      else for (const { key } of lasting) this.#pages.add(`refused ${key}`)
    }
  }

  #name(key: string): void {
    this.#pages.add(this.#pages.size < mostNamed ? `svid ${key}` : 'more')
  }
}
