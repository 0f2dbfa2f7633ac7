import { volumeHash } from '../../src/identity/volumeHash.ts'
import { Diagnoses } from '../../src/diagnosis/diagnoses.ts'
import type { Diagnosis } from '../../src/diagnosis/diagnosis.ts'
import type { Authority } from '../../src/identity/authority.ts'
import type { TrustBundle } from '../../src/identity/trustBundle.ts'
import type { X509Svid } from '../../src/identity/x509Svid.ts'
import type { RequestObservation } from '../../src/ledger/issuance/observations.ts'
import { Ledger } from '../../src/ledger/ledger.ts'
import { sourceNames } from '../../src/ledger/sight/observations.ts'
import type { MountedObservation } from '../../src/ledger/workloads/observations.ts'
import { ManualClock } from './manualClock.ts'
import {
  authority,
  bundleOf,
  change,
  epochMs,
  mounted,
  nodeTells,
  pod,
  podList,
  request,
  requestList,
} from './observations.ts'

const second = 1_000
const minute = 60 * second

/** The simulated world is looked at this often: node roles tell what has changed, and everything is judged. */
export const tickMs = 5 * second

const lifetimeMs = 60 * minute
const renewedAfterMs = 40 * minute

/** How long the driver of each node takes to write another trust bundle into its volumes. */
const writtenAfterMs = { 'node-1': 10 * second, 'node-2': 30 * second, 'node-3': 55 * second }

type Node = keyof typeof writtenAfterMs
const nodes = Object.keys(writtenAfterMs) as readonly Node[]

interface Volume {
  readonly index: number
  readonly node: Node
  svid: X509Svid
  bundle: TrustBundle
}

/** What happens, by when it does, ms after the beginning. */
export type Script = readonly (readonly [atMinutes: number, act: (fleet: RotatedFleet) => void])[]

/** What is wrong at one moment, and what is true of it. */
export interface Moment {
  readonly atMs: number
  readonly problems: readonly Diagnosis[]
  /** The pairs of an SVID and a volume that do not verify. */
  readonly refusedPairs: number
}

export const oldCa = authority('a', { notBeforeMs: epochMs - 30 * 24 * 60 * minute })

/** Returns a CA that was made so many minutes after the beginning. */
export const caMadeAt = (minutes: number, name = 'b'): Authority =>
  authority(name, { notBeforeMs: epochMs + minutes * minute })

/** RotatedFleet is 30 pods on 3 nodes whose CA is rotated, and svidwatch, which looks at them. */
export class RotatedFleet {
  readonly clock = new ManualClock(epochMs)
  readonly moments: Moment[] = []
  /** Drivers that no longer get the bundle. */
  readonly stuck = new Set<Node>()
  readonly #blind = new Set<Node>()
  readonly #volumes: Volume[]
  #signing: Authority = oldCa
  /** The trust bundle at its source, and since when. */
  #source = { bundle: bundleOf(oldCa), sinceMs: epochMs - minute }
  #ledger: Ledger
  #diagnoses: Diagnoses
  #serial = 0

  constructor() {
    this.#volumes = Array.from({ length: 30 }, (_, index) => {
      const issuedMs = epochMs - (index * renewedAfterMs) / 30
      const node = nodes[index % nodes.length] ?? 'node-1'
      return { index, node, svid: this.#svid(index, issuedMs, oldCa), bundle: this.#source.bundle }
    })
    ;({ ledger: this.#ledger, diagnoses: this.#diagnoses } = this.#start())
  }

  signWith(ca: Authority): void {
    this.#signing = ca
  }

  distribute(...authorities: readonly Authority[]): void {
    this.#source = { bundle: bundleOf(...authorities), sinceMs: this.clock.now() }
  }

  /** Replaces the bundle of one volume by hand. Its driver writes it again only with another bundle. */
  edit(index: number, ...authorities: readonly Authority[]): void {
    const volume = this.#volumes[index]
    if (volume === undefined) throw new Error(`there is no volume ${index}`)
    volume.bundle = bundleOf(...authorities)
    this.#tell(volume)
  }

  blind(node: Node): void {
    this.#blind.add(node)
    this.#ledger.report({ kind: 'nodeTrouble', node, reason: 'unreachable', detail: 'no connection' })
  }

  see(node: Node): void {
    this.#blind.delete(node)
    nodeTells(node, ...this.#findingsOf(node)).forEach(this.#ledger.report)
  }

  /** Starts svidwatch anew. It remembers nothing, and cannot see the nodes that are blind. */
  restart(): void {
    ;({ ledger: this.#ledger, diagnoses: this.#diagnoses } = this.#start())
  }

  /** Lets the time pass, and what the script says happen. */
  async run(minutes: number, script: Script): Promise<void> {
    const acts = [...script].sort(([one], [other]) => one - other)
    while (this.clock.now() < epochMs + minutes * minute) {
      await this.clock.advance(tickMs)
      const elapsedMinutes = (this.clock.now() - epochMs) / minute
      while (acts[0] !== undefined && acts[0][0] <= elapsedMinutes) acts.shift()?.[1](this)
      this.#tick()
      await this.#diagnoses.judge()
      const problems = [...this.#diagnoses.all()]
      this.moments.push({ atMs: this.clock.now() - epochMs, problems, refusedPairs: this.#refusedPairs() })
    }
  }

  #tick(): void {
    const nowMs = this.clock.now()
    for (const volume of this.#volumes) {
      const { node, svid, bundle } = volume
      const arrives = !this.stuck.has(node) && nowMs >= this.#source.sinceMs + writtenAfterMs[node]
      const written = arrives && this.#written.get(volume) !== this.#source.bundle
      if (written) {
        volume.bundle = this.#source.bundle
        this.#written.set(volume, this.#source.bundle)
      }
      const renews = nowMs >= svid.notBeforeMs + renewedAfterMs
      if (renews) this.#renew(volume, nowMs)
      if (volume.svid !== svid || volume.bundle !== bundle) this.#tell(volume)
    }
    for (const source of sourceNames) this.#ledger.report({ kind: 'contact', source })
    for (const node of nodes) if (!this.#blind.has(node)) this.#ledger.report({ kind: 'nodeContact', node })
  }

  readonly #written = new Map<Volume, TrustBundle>()

  #renew(volume: Volume, nowMs: number): void {
    const before = this.#requestOf(volume)
    volume.svid = this.#svid(volume.index, nowMs, this.#signing)
    this.#ledger.report({ kind: 'requestDeleted', uid: before.uid, resourceVersion: this.#version() })
    this.#ledger.report(change('added', this.#requestOf(volume)))
  }

  #tell(volume: Volume): void {
    if (this.#blind.has(volume.node)) return
    this.#ledger.report({ kind: 'mounted', mounted: findingOf(volume), node: volume.node })
  }

  #start() {
    const ledger = new Ledger({ clock: this.clock, sources: sourceNames, maxIssuers: 10 })
    const diagnoses = new Diagnoses(ledger, this.clock)
    for (const source of sourceNames) ledger.report({ kind: 'contact', source })
    podList(...this.#volumes.map(({ index, node }) => podOf(index, node))).forEach(ledger.report)
    requestList(this.#version(), ...this.#volumes.map((volume) => this.#requestOf(volume))).forEach(ledger.report)
    for (const node of nodes) {
      if (this.#blind.has(node))
        ledger.report({ kind: 'nodeTrouble', node, reason: 'unreachable', detail: 'no connection' })
      else nodeTells(node, ...this.#findingsOf(node)).forEach(ledger.report)
    }
    return { ledger, diagnoses }
  }

  #findingsOf(node: Node): readonly MountedObservation[] {
    return this.#volumes.filter((volume) => volume.node === node).map(findingOf)
  }

  #svid(index: number, issuedMs: number, ca: Authority): X509Svid {
    return {
      spiffeId: `spiffe://example.org/ns/team-a/sa/web-${index}`,
      trustDomain: 'example.org',
      notBeforeMs: issuedMs,
      notAfterMs: issuedMs + lifetimeMs,
      fingerprint: `${index}-${issuedMs}`,
      authorityKeyId: ca.keyId,
    }
  }

  #requestOf({ index, svid }: Volume): RequestObservation {
    const { notBeforeMs: createdMs, spiffeId, authorityKeyId = '' } = svid
    const uid = `request-${index}-${createdMs}`
    return request({
      ...{ uid, name: uid, resourceVersion: this.#version(), createdMs, approvedMs: createdMs, concludedMs: createdMs },
      ...{ svid, spiffeId, authorityKeyId },
      owner: { podUid: `pod-${index}`, podName: `web-${index}` },
      volumeHash: volumeHash(`pod-${index}`, 'spiffe'),
    })
  }

  #version(): string {
    return String((this.#serial += 1) + 1_000)
  }

  #refusedPairs(): number {
    const pairs = this.#volumes.flatMap(({ svid }) => this.#volumes.filter(({ bundle }) => !trusts(bundle, svid)))
    return pairs.length
  }
}

const podOf = (index: number, node: Node) =>
  pod({ uid: `pod-${index}`, name: `web-${index}`, node, serviceAccount: `web-${index}`, needs: [] })

function findingOf({ index, svid, bundle }: Volume): MountedObservation {
  const { notBeforeMs: writtenMs } = svid
  const [accepting] = bundle.authorities
  const verdict = trusts(bundle, svid)
    ? { authority: accepting?.fingerprint ?? '', period: { notBeforeMs: 0, notAfterMs: epochMs + 1_000 * minute } }
    : ({ refusal: 'unknown_authority', detail: 'no certificate with this name' } as const)
  return mounted({ podUid: `pod-${index}`, reading: { svid }, writtenMs, bundle, verdict })
}

const trusts = ({ authorities }: TrustBundle, { authorityKeyId }: X509Svid): boolean =>
  authorities.some(({ keyId }) => keyId === authorityKeyId)
