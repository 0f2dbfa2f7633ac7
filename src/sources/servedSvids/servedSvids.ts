import type { Clock } from '../../clock.ts'
import { messageOf } from '../../errors.ts'
import type { FileCalls } from '../../files/fileCalls.ts'
import type { Report } from '../../ledger/observations.ts'
import { printable } from '../../text/printable.ts'
import { loopSource } from '../loopSource.ts'
import type { Source } from '../source.ts'
import type { ConfiguredTarget } from './configuredTarget.ts'
import { NamedTarget } from './namedTarget.ts'
import { PodTargets } from './podTargets.ts'
import type { AuthoritiesOf } from './presented.ts'
import type { ProbedPods } from './probedPods.ts'
import { Prober } from './prober.ts'
import type { PodRoute, Target } from './probing.ts'
import { Schedule } from './schedule.ts'
import { contextFor } from './secureContexts.ts'

export interface ServedSvidsOptions {
  readonly clock: Clock
  readonly files: FileCalls
  /** The pods to probe; undefined if none are. */
  readonly pods?: ProbedPods | undefined
  /** Where connections to pods go; by default to their own addresses. */
  readonly route?: PodRoute | undefined
  readonly targets: readonly ConfiguredTarget[]
  /** The time between two probes of a target, ms. */
  readonly intervalMs: number
  /** How long a probe may take, ms. */
  readonly timeoutMs: number
  /** Returns the authorities in the newest bundle that was fetched for a trust domain: the same list as long as they are the same. */
  readonly authoritiesOf: AuthoritiesOf
}

/** The most connections at the same time. Silent servers hold theirs until the time-out. */
const atOnce = 256

/** The most of these in their first half second, in which most handshakes end: each that goes on takes some 100 kB. */
const youngAtOnce = 32

/** How often the source says that it works, ms. */
const contactEveryMs = 10_000

/** Returns a source that reads the certificates which TLS servers present: configured servers, and ports of pods with SVIDs. */
export function createServedSvids({
  pods,
  route = toPod,
  targets,
  intervalMs,
  ...options
}: ServedSvidsOptions): Source {
  const { clock, files, authoritiesOf } = options
  return loopSource(async (reportTo, signal) => {
    const report: Report = (observation) => {
      if (!signal.aborted) reportTo(observation)
    }
    const prober = new Prober(options)
    const probing = { prober, context: contextFor(), report, authoritiesOf, route }
    const work = (target: Target) =>
      target.probe().catch((error: unknown) => {
        const detail = printable(`svidwatch failed on what the server presents: ${messageOf(error)}`)
        report({
          kind: 'rejected',
          source: 'servedSvids',
          reason: 'malformed_certificate',
          where: target.where,
          detail,
        })
      })
    const schedule = new Schedule<Target>({
      clock,
      intervalMs,
      atOnce,
      youngAtOnce,
      slowMs: options.timeoutMs / 2,
      work,
    })
    signal.addEventListener('abort', () => prober.close(), { once: true })
    for (const target of targets) schedule.add(new NamedTarget(target, files, probing))
    if (pods !== undefined) new PodTargets(pods, probing, schedule).follow()
    await Promise.all([schedule.run(signal), contactRegularly(clock, report, signal)])
  })
}

const toPod: PodRoute = (host, port) => ({ host, port })

/** What each server answers is reported for that server: the source itself sees its system as long as it works. */
async function contactRegularly(clock: Clock, report: Report, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    report({ kind: 'contact', source: 'servedSvids' })
    await clock.sleep(contactEveryMs, signal)
  }
}
