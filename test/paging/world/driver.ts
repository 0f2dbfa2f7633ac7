import { hash } from 'node:crypto'
import type { RequestObservation } from '../../../src/ledger/issuance/observations.ts'
import type { X509Svid } from '../../../src/identity/x509Svid.ts'
import type { ReadProblem } from '../../../src/ledger/workloads/reasons.ts'
import type { Chance } from '../chance.ts'
import { minuteMs, nextSeen, type Play } from '../scenes.ts'
import { answerOf, holds, type Answer, type Span } from './issuer.ts'
import type { FaultAlert, Faults } from './faults.ts'
import type { Lives } from './lives.ts'
import { hashOf, identityOf, seconds, volume, writerOf, type Workload } from './workload.ts'
import type { World } from './world.ts'

/** An attempt ends without an answer after this time; a request that waits is used again by the next one. */
const attemptMs = 60_000
const backoffsMs = [30_000, 60_000, 120_000, 240_000]
/** How long a decision of the approver takes. */
const decisionMs = 300
const writeMs = 60

export interface DriverOptions {
  readonly world: World
  readonly lives: Lives
  readonly faults: Faults
  readonly play: Play
  readonly chance: Chance
  /** Whose copy is the one that a workload is judged by. */
  readonly judgedBy: 'mounted' | 'issued'
}

/** csi-driver-spiffe on all nodes, and other writers: keeps the SVIDs of volumes fresh, as far as issuers let it. */
export class Driver {
  readonly #options: DriverOptions

  constructor(options: DriverOptions) {
    this.#options = options
  }

  /** A pod begins with an SVID that was issued at `issuedMs`, which may be long ago. */
  begin(workload: Workload, issuedMs: number): void {
    const uid = this.#options.world.fresh('request')
    this.#issued(workload, uid, issuedMs, issuedMs)
    this.#write(workload)
    const { stuck, copies } = workload
    for (const span of [stuck, copies.emptied, copies.unmounted])
      if (span) for (const atMs of [span.fromMs, span.toMs]) this.#at(atMs, () => this.#show(workload))
    if (copies.bySubPath) this.#options.faults.begin(workload, 'SVIDMountedBySubPath', workload.startedMs)
    if (copies.emptied) this.#begin(workload, 'SVIDVolumeEmpty', copies.emptied)
    if (copies.unmounted) this.#mountAnew(workload, copies.unmounted)
  }

  /** Replaces the CA in the trust bundle of a workload. */
  renewBundle(workload: Workload): void {
    workload.bundleCa = workload.issuer.ca
    workload.writtenMs = this.#options.world.nowMs
    this.#show(workload)
  }

  /** The pod runs no more: its volume is unmounted, and nothing is renewed. */
  end(workload: Workload): void {
    const { world, faults } = this.#options
    workload.hasEnded = true
    if (workload.life) workload.life.endedMs = world.nowMs
    world.unmount(workload.podUid)
    world.stopServer(workload.podUid)
    faults.endAll(workload, world.nowMs)
  }

  #begin(workload: Workload, alert: FaultAlert, { fromMs, toMs }: Span): void {
    this.#options.faults.begin(workload, alert, fromMs, toMs)
  }

  #mountAnew(workload: Workload, unmounted: Span): void {
    this.#begin(workload, 'SVIDMountGone', unmounted)
    this.#begin(workload, 'SVIDMountDetached', { fromMs: unmounted.toMs, toMs: Infinity })
  }

  #plan(workload: Workload, svid: X509Svid): void {
    const { chance } = this.#options
    const dueMs = svid.notAfterMs - (svid.notAfterMs - svid.notBeforeMs) * writerOf(workload).leftShare(chance)
    // Its own clock tells it when; it looks once a second.
    this.#at(dueMs - workload.node.skewMs + chance.between(0, 1000), () => this.#attempt(workload, 0))
  }

  #attempt(workload: Workload, attempt: number): void {
    const { world, chance } = this.#options
    const { life, node } = workload
    if (workload.hasEnded || life === undefined) return
    const down = node.driverDown
    if (down && world.nowMs >= down.fromMs && world.nowMs < down.toMs)
      return this.#at(down.toMs + chance.between(1000, 3000), () => this.#attempt(workload, attempt))
    const answer = workload.fate(life, world.nowMs, attempt) ?? answerOf(workload.issuer, world.nowMs, chance)
    this.#deleteOld(workload)
    const delayMs = chance.between(35, 60)
    this.#at(world.nowMs + delayMs, () => this.#ask(workload, answer, attempt))
  }

  #deleteOld(workload: Workload): void {
    const { world } = this.#options
    if (workload.issuedUid === undefined) return
    if (workload.life) workload.life.requestGoneMs = Math.min(workload.life.requestGoneMs, world.nowMs)
    world.deleteRequest(workload.issuedUid)
    workload.issuedUid = undefined
  }

  #ask(workload: Workload, answer: Answer, attempt: number): void {
    const { world, chance } = this.#options
    if (workload.hasEnded) return
    if (answer.answer === 'error') return this.#retry(workload, attempt)
    const uid = workload.waitingUid ?? world.fresh('request')
    if (workload.waitingUid === undefined) this.#put(workload, uid, 'pending', world.nowMs)
    workload.waitingUid = uid
    switch (answer.answer) {
      case 'deny':
      case 'fail':
        return this.#at(world.nowMs + decisionMs, () => this.#refuse(workload, uid, answer, attempt))
      case 'anew':
        return this.#at(world.nowMs + chance.between(50_000, 59_000), () => this.#giveUp(workload, uid, attempt))
      case 'issue':
        this.#at(world.nowMs + decisionMs, () => this.#put(workload, uid, 'approved', world.nowMs))
        return this.#conclude(workload, uid, world.nowMs + decisionMs + answer.afterMs)
      case 'wait':
        if (answer.state === 'approved')
          this.#at(world.nowMs + decisionMs, () => this.#put(workload, uid, 'approved', world.nowMs))
        return this.#conclude(workload, uid, answer.untilMs)
    }
  }

  /** It is issued then; the driver takes it in the attempt that is under way, or the one that begins next. */
  #conclude(workload: Workload, uid: string, issuedMs: number): void {
    const { world, chance } = this.#options
    if (issuedMs === Infinity) return
    const beganMs = world.nowMs
    this.#at(issuedMs, () => {
      if (workload.hasEnded) return
      this.#issued(workload, uid, world.nowMs, world.requests.get(uid)?.createdMs ?? world.nowMs)
      let lookMs = beganMs
      for (let attempt = 0; lookMs + attemptMs < world.nowMs && attempt < 50; attempt += 1)
        lookMs += attemptMs + this.#backoffMs(attempt)
      if (lookMs + attemptMs < world.nowMs) lookMs = world.nowMs + chance.between(0, 300_000)
      this.#at(Math.max(world.nowMs, lookMs) + writeMs, () => this.#write(workload))
    })
  }

  #refuse(workload: Workload, uid: string, answer: Refusal, attempt: number): void {
    const { world } = this.#options
    if (workload.hasEnded) return
    const request = world.requests.get(uid)
    if (request === undefined) return
    const concludedMs = seconds(world.nowMs)
    world.putRequest({ ...request, ...refusal(answer, request, concludedMs), concludedMs })
    if (workload.refusedUid !== undefined) world.deleteRequest(workload.refusedUid)
    workload.refusedUid = uid
    workload.waitingUid = undefined
    this.#retry(workload, attempt)
  }

  /** The driver crashes, and begins anew once it runs again. */
  #giveUp(workload: Workload, uid: string, attempt: number): void {
    const { world, play, chance } = this.#options
    if (workload.hasEnded) return
    world.deleteRequest(uid)
    workload.waitingUid = undefined
    const atMs = nextSeen(play, world.nowMs + chance.between(500, 5000), chance)
    this.#at(atMs, () => this.#attempt(workload, attempt + 1))
  }

  #retry(workload: Workload, attempt: number): void {
    const { world, play, chance } = this.#options
    const atMs = world.nowMs + this.#backoffMs(attempt)
    // What it tries while nobody looks leaves no other trace than the next attempt.
    this.#at(nextSeen(play, atMs, chance), () => this.#attempt(workload, attempt + 1))
  }

  #backoffMs(attempt: number): number {
    return (backoffsMs[attempt % backoffsMs.length] ?? 0) * this.#options.chance.between(1, 1.5)
  }

  #put(workload: Workload, uid: string, state: 'pending' | 'approved', atMs: number): void {
    const { world } = this.#options
    const known = world.requests.get(uid)
    if (workload.hasEnded || workload.writer || (known && known.state !== 'pending')) return
    const approved = state === 'approved' && { approvedMs: seconds(atMs) }
    const reason = state === 'pending' ? ('awaiting_approval' as const) : ('awaiting_issuer' as const)
    world.putRequest({ ...this.#request(workload, uid, known?.createdMs ?? seconds(atMs)), state, reason, ...approved })
  }

  #issued(workload: Workload, uid: string, atMs: number, createdMs: number): void {
    const { world, play, lives, judgedBy } = this.#options
    const { issuer } = workload
    const notBeforeMs = seconds(atMs + issuer.skewMs)
    const svid: X509Svid = {
      spiffeId: identityOf(workload),
      trustDomain: issuer.trustDomain,
      notBeforeMs: notBeforeMs - issuer.backMs,
      notAfterMs: notBeforeMs + play.lifetimeMs,
      fingerprint: hash('sha256', uid),
      chain: { notBeforeMs: seconds(issuer.caNotBeforeMs), notAfterMs: seconds(issuer.caNotAfterMs) },
    }
    const times = { approvedMs: seconds(atMs), concludedMs: seconds(atMs) }
    const request = this.#request(workload, uid, seconds(createdMs))
    if (!workload.writer) world.putRequest({ ...request, state: 'issued', reason: '', ...times, svid })
    issuer.issuedMs.push(atMs)
    workload.issuedUid = uid
    workload.waitingUid = undefined
    workload.svid = svid
    workload.svidCa = issuer.ca
    if (workload.life && atMs >= workload.staleFromMs)
      workload.life.supersededMs = Math.min(workload.life.supersededMs, atMs)
    if (judgedBy === 'issued') lives.replace(workload, svid, Math.max(atMs, world.nowMs))
  }

  #write(workload: Workload): void {
    const { world, lives, faults, judgedBy } = this.#options
    const { svid } = workload
    if (workload.hasEnded || svid === undefined) return
    if (world.nowMs < workload.staleFromMs) {
      workload.written = svid
      workload.writtenMs = world.nowMs
      workload.writtenCa = workload.svidCa
      if (svid.notBeforeMs > world.nowMs)
        faults.beginUncertain(workload, 'SVIDRefusedByPeers', world.nowMs, svid.notBeforeMs)
      if (!workload.keepsBundle) workload.bundleCa = workload.issuer.ca
      this.#show(workload)
      const isServed = this.#serve(workload, svid)
      if (judgedBy === 'mounted' && isServed) lives.replace(workload, svid, world.nowMs)
    }
    if (workload.refusedUid !== undefined) world.deleteRequest(workload.refusedUid)
    workload.refusedUid = undefined
    this.#plan(workload, svid)
  }

  /** Lets the server of a workload, if it has one, present an SVID in its time. Returns whether it ever will. */
  #serve(workload: Workload, svid: X509Svid): boolean {
    const { world, faults, play } = this.#options
    const { podUid, copies } = workload
    const { reloadsAfterMs } = copies
    if (reloadsAfterMs === undefined) return true
    if (!world.servers.has(podUid)) {
      world.servers.set(podUid, svid)
      return true
    }
    const { nowMs } = world
    const lateMs = nowMs + reloadGraceMs(play)
    const presentsMs = nowMs + reloadsAfterMs
    if (presentsMs > lateMs && !faults.of(workload, 'SVIDNotReloaded'))
      this.#begin(workload, 'SVIDNotReloaded', { fromMs: lateMs, toMs: presentsMs })
    this.#at(presentsMs, () => {
      if (!workload.hasEnded) world.servers.set(podUid, svid)
    })
    return reloadsAfterMs < Infinity
  }

  /** Shows the files of a volume to svidwatch, as far as it can read them. */
  #show(workload: Workload): void {
    const { world } = this.#options
    const { written: svid, node, podUid, issuer, copies, bundleCa } = workload
    if (workload.hasEnded || svid === undefined) return
    const isRefused = this.#judge(workload)
    const authority = bundleCa.toString(16).padStart(64, '0')
    const isOld = bundleCa < issuer.ca
    const newestNotAfterMs = isOld ? svid.notBeforeMs : issuer.caNotAfterMs
    const period = { notBeforeMs: seconds(issuer.caNotBeforeMs), notAfterMs: seconds(issuer.caNotAfterMs) }
    const authorities = [{ fingerprint: authority, keyId: authority.slice(-40), ...period }]
    const bundle = { certificates: 1, authorities, newestNotAfterMs }
    const verdict = isRefused ? ({ refusal: 'unknown_authority', detail: '' } as const) : { authority, period }
    if (copies.unmounted?.toMs === world.nowMs) workload.mountedMs = world.nowMs
    const mountBirthMs = workload.mountedMs + node.skewMs
    const writtenMs = workload.writtenMs + node.skewMs
    const problem = this.#problem(workload)
    if (problem === undefined)
      return world.mount(node.name, { podUid, volume, reading: { svid }, writtenMs, bundle, verdict, mountBirthMs })
    const reading = { problem, detail: '' }
    world.mount(node.name, { podUid, volume, reading, mountBirthMs: problem === 'empty_volume' ? mountBirthMs : 0 })
  }

  /** Notes since when peers refuse what is in the files of a workload. Returns whether they do. */
  #judge(workload: Workload): boolean {
    const { world, faults } = this.#options
    const isRefused = workload.writtenCa !== workload.bundleCa
    const isKnown = faults.of(workload, 'SVIDRefusedByPeers') !== undefined
    if (isRefused && !isKnown) faults.begin(workload, 'SVIDRefusedByPeers', world.nowMs)
    if (!isRefused && isKnown) faults.end(workload, 'SVIDRefusedByPeers', world.nowMs)
    return isRefused
  }

  /** Why the files of a volume cannot be read; undefined if they can. */
  #problem({ stuck, copies }: Workload): ReadProblem | undefined {
    const { nowMs } = this.#options.world
    if (holds(stuck, nowMs)) return 'no_answer'
    if (holds(copies.unmounted, nowMs)) return 'unmounted'
    return holds(copies.emptied, nowMs) ? 'empty_volume' : undefined
  }

  #request(
    workload: Workload,
    uid: string,
    createdMs: number,
  ): Omit<RequestObservation, 'resourceVersion' | 'state' | 'reason'> {
    const { namespace, podUid, pod, issuer } = workload
    return {
      uid,
      namespace,
      name: uid,
      issuer: issuer.name,
      createdMs,
      spiffeId: identityOf(workload),
      trustDomain: issuer.trustDomain,
      annotationLies: false,
      owner: { podUid, podName: pod },
      volumeHash: hashOf(workload),
    }
  }

  #at(atMs: number, action: () => void): void {
    this.#options.world.agenda.at(atMs, action)
  }
}

type Refusal = Extract<Answer, { readonly answer: 'deny' | 'fail' }>

/** Returns what a request that is refused says. */
function refusal(answer: Refusal, { trustDomain, spiffeId }: RequestObservation, concludedMs: number) {
  if (answer.answer === 'fail') return { state: 'failed', reason: 'failed_signing', approvedMs: concludedMs } as const
  const { trustDomain: requested } = answer
  if (requested === undefined) return { state: 'denied', reason: 'denied_spiffe_id' } as const
  return {
    ...({
      state: 'denied',
      reason: 'denied_trust_domain',
      trustDomains: { expected: trustDomain, requested },
    } as const),
    ...{ trustDomain: requested, spiffeId: spiffeId.replace(`//${trustDomain}/`, `//${requested}/`) },
  }
}

/** How long a server may take to present a newer SVID, as svidwatch is set by default. */
export const reloadGraceMs = ({ lifetimeMs }: Play): number => Math.max(lifetimeMs / 10, minuteMs)
