import { hourMs, minuteMs } from './scenes.ts'
import { reloadGraceMs } from './world/driver.ts'
import type { Answer, Span } from './world/issuer.ts'
import type { Life } from './world/lives.ts'
import type { Stage } from './world/stage.ts'
import type { Fate, Workload } from './world/workload.ts'
import { otherWriters } from './world/writers.ts'

/** What befalls workloads. */
export interface Case {
  readonly name: string
  /** What happens, for the page. */
  readonly what: string
  /** It cannot be in fleets of such short lives, or where mounted copies are not known. */
  readonly needs?: 'hours' | 'mounted' | 'hours and mounted'
  /** How many times as many workloads it takes, because not every fleet has it. */
  readonly weight?: number
  readonly stage: (stage: Stage, count: number) => void
}

/** The case in which the page of an issuer must give way to those of its workloads. */
export const inTurn = 'incidents in turn'

/** Puts `count` workloads on the stage whose renewals fall due at times of chance. */
function each(stage: Stage, count: number, make: (dueMs: number) => void): void {
  const { dueFromMs, dueToMs } = stage.play
  for (let made = 0; made < count; made += 1) make(Math.round(stage.chance.between(dueFromMs, dueToMs)))
}

/** What befalls an SVID whose renewal falls due when the trouble has begun; those before are renewed. */
const since =
  ({ play }: Stage, fate: Fate): Fate =>
  (life, atMs, attempt) =>
    life.dueMs < play.dueFromMs - 1000 ? undefined : fate(life, atMs, attempt)

const forEver = (stage: Stage, answer: Answer): Fate => since(stage, () => answer)
const waits = (state: 'pending' | 'approved', untilMs = Infinity): Answer => ({ answer: 'wait', state, untilMs })

/** Fails at first, and succeeds when this share of the time between due and expiry has passed. */
function retried(stage: Stage): Fate {
  const { chance, play } = stage
  const isShort = play.lifetimeMs < 10 * minuteMs
  const state = chance.oneOf(['pending', 'approved'] as const)
  const share = chance.between(0.02, isShort ? 0.22 : 0.235)
  if (isShort || chance.happens(0.5)) return since(stage, ({ dueMs }) => waits(state, dueMs + share * play.safeMs))
  const answer = chance.oneOf(['deny', 'fail', 'error'] as const)
  const untilMs = (life: Life) => life.dueMs + (share / 2) * play.safeMs
  return since(stage, (life, atMs) => (atMs < untilMs(life) ? { answer } : undefined))
}

/** From when on something is gone before the renewals fall due, and until which share of the safe time has passed. */
function gone({ play, chance }: Stage, toShare: number): Span {
  const fromMs = play.dueFromMs - chance.between(2, 60) * 1000
  return { fromMs, toMs: play.dueFromMs + toShare * play.safeMs }
}

/** Half of the workloads for which it is gone for good, a third for which it comes back early, and some for which it comes back late. */
function gonePart(stage: Stage, count: number, part: (span: Span) => (dueMs: number) => void): void {
  const [early, late] = [Math.floor(count / 3), Math.floor(count / 6)]
  each(stage, count - early - late, part(gone(stage, Infinity)))
  each(stage, early, part(gone(stage, stage.chance.between(0.05, 0.2))))
  each(stage, late, part(gone(stage, stage.chance.between(0.3, 0.9))))
}

/** A new pod comes, and soon after, the old one goes; or, as in a StatefulSet, the old one goes, and one of the same name comes. */
function replace(stage: Stage, workload: Workload): void {
  const { chance, play, world } = stage
  const atMs = chance.between(play.dueFromMs - minuteMs, play.dueToMs + minuteMs)
  const laterMs = atMs + chance.between(4000, 20_000)
  const { kind, pod } = workload
  const isStateful = chance.happens(0.5)
  world.agenda.at(isStateful ? laterMs : atMs, () => void stage.start(kind, isStateful ? { pod } : {}))
  world.agenda.at(isStateful ? atMs : laterMs, () => stage.remove(workload))
}

export const cases: readonly Case[] = [
  {
    name: 'healthy',
    what: 'renewed within seconds',
    stage: (stage, count) => each(stage, count, (dueMs) => stage.workload('healthy', dueMs)),
  },
  {
    name: 'retried',
    what: 'refused, or waiting, at first; renewed before a quarter of the safe time has passed',
    stage: (stage, count) => each(stage, count, (dueMs) => stage.workload('retried', dueMs, { fate: retried(stage) })),
  },
  {
    name: 'stuck',
    what: 'the request of one workload waits for ever, or cannot be made; its issuer issues to others',
    stage: (stage, count) =>
      each(stage, count, (dueMs) => {
        const answer = stage.chance.oneOf([waits('pending'), waits('approved'), { answer: 'error' }] as const)
        stage.workload('stuck', dueMs, { fate: forEver(stage, answer) })
      }),
  },
  {
    name: 'denied',
    what: 'each request is denied, or fails',
    stage: (stage, count) =>
      each(stage, count, (dueMs) => {
        const answer = stage.chance.oneOf([{ answer: 'deny' }, { answer: 'fail' }] as const)
        stage.workload('denied', dueMs, { fate: forEver(stage, answer) })
      }),
  },
  {
    name: 'slow issuer',
    what: 'every answer takes its time, up to a fifth of the safe time or half an hour',
    stage: (stage, count) => {
      const mostMs = Math.min(stage.play.safeMs / 5, 30 * minuteMs)
      const issuer = stage.issuer({ latencyMs: (chance) => chance.between(mostMs / 20, mostMs) })
      each(stage, count, (dueMs) => stage.workload('slow issuer', dueMs, { issuer }))
    },
  },
  {
    name: 'issuer down',
    what: 'approved requests of one issuer wait: for good, until a fifth of the safe time has passed, or until late in it',
    stage: (stage, count) =>
      gonePart(stage, count, (down) => {
        const issuer = stage.issuer({ down })
        return (dueMs) => stage.workload('issuer down', dueMs, { issuer })
      }),
  },
  {
    name: 'approver down',
    what: 'the same, of requests that nobody approves',
    stage: (stage, count) =>
      gonePart(stage, count, (approverDown) => {
        const issuer = stage.issuer({ approverDown })
        return (dueMs) => stage.workload('approver down', dueMs, { issuer })
      }),
  },
  {
    name: 'driver down',
    what: 'the driver of one node makes no requests: for good, until a fifth of the safe time has passed, or until late in it',
    stage: (stage, count) =>
      gonePart(stage, count, (driverDown) => {
        const node = stage.node({ driverDown })
        return (dueMs) => stage.workload('driver down', dueMs, { node })
      }),
  },
  {
    name: 'stale mount',
    what: 'the driver was restarted: requests go on being renewed, and nothing of it arrives in the pod',
    needs: 'mounted',
    weight: 2,
    stage: (stage, count) => {
      const node = stage.node()
      const staleFromMs = stage.play.dueFromMs - minuteMs
      each(stage, count, (dueMs) => stage.workload('stale mount', dueMs, { node, staleFromMs }))
    },
  },
  {
    name: 'stuck mount',
    what: 'the file system of a volume does not answer svidwatch, for some minutes or for good; some of the renewals are stuck, too',
    needs: 'mounted',
    weight: 1.2,
    stage: (stage, count) =>
      each(stage, count, (dueMs) => {
        const { chance } = stage
        const fromMs = dueMs - chance.between(0.2, 3) * minuteMs
        const stuck = { fromMs, toMs: chance.oneOf([fromMs + chance.between(1, 5) * minuteMs, Infinity] as const) }
        const fate = chance.happens(0.5) ? { fate: forEver(stage, waits('approved')) } : {}
        stage.workload('stuck mount', dueMs, { stuck, ...fate })
      }),
  },
  {
    name: 'requests made anew',
    what: 'a driver crash-loops: each request is deleted within a minute, and another one made; of one issuer, or of single workloads',
    stage: (stage, count) => {
      const fate = forEver(stage, { answer: 'anew' })
      const issuer = stage.issuer({ down: gone(stage, Infinity) })
      const ofOne = Math.floor(count / 2)
      each(stage, ofOne, (dueMs) => stage.workload('requests made anew', dueMs, { issuer, fate }))
      each(stage, count - ofOne, (dueMs) => stage.workload('requests made anew', dueMs, { fate }))
    },
  },
  {
    name: 'wrong trust domain',
    what: 'a driver asks for SVIDs of another trust domain, and each request is denied',
    stage: (stage, count) => {
      const issuer = stage.issuer({ down: gone(stage, Infinity) })
      const fate = forEver(stage, { answer: 'deny', trustDomain: 'wrong.example' })
      each(stage, count, (dueMs) => stage.workload('wrong trust domain', dueMs, { issuer, fate }))
    },
  },
  {
    name: 'incidents in turn',
    what: 'an issuer is down, the driver is restarted meanwhile, and the issuer comes back: what it issues then arrives nowhere',
    needs: 'hours and mounted',
    weight: 1.2,
    stage: (stage, count) => {
      const { chance } = stage
      const down = gone(stage, chance.between(0.35, 0.45))
      const issuer = stage.issuer({ down })
      const node = stage.node()
      const staleFromMs = down.toMs - chance.between(0.1, 1) * minuteMs
      each(stage, count, (dueMs) => stage.workload(inTurn, dueMs, { issuer, node, staleFromMs }))
    },
  },
  {
    name: 'other writers',
    what: 'files that other drivers write, each with its habit of renewing: at half of the lifetime, at two thirds, or when a tenth is left',
    needs: 'mounted',
    weight: 1.2,
    stage: (stage, count) =>
      each(stage, count, (dueMs) =>
        stage.workload('other writers', dueMs, { writer: stage.chance.oneOf(otherWriters) }),
      ),
  },
  {
    name: 'CA rotated',
    what: 'the issuer gets a new CA between renewals, and every volume the new bundle',
    stage: (stage, count) => void rotate(stage, count, 'CA rotated', () => false),
  },
  {
    name: 'CA half rotated',
    what: 'half of the volumes keep the old bundle, against which the renewed SVIDs do not verify; nothing expires',
    stage: (stage, count) => void rotate(stage, count, 'CA half rotated', () => stage.chance.happens(0.5)),
  },
  {
    name: 'CA replaced at once',
    what: 'the issuer gets a new CA between renewals, and so does every volume, while SVIDs of the old one are in use until they are renewed',
    needs: 'mounted',
    stage: (stage, count) => {
      const workloads = rotate(stage, count, 'CA replaced at once', () => false)
      stage.world.agenda.at(rotationMs(stage), () => workloads.forEach((one) => stage.driver.renewBundle(one)))
    },
  },
  {
    name: 'server reloads',
    what: 'a server presents each new SVID in the time that it is given, at once or late',
    needs: 'mounted',
    stage: (stage, count) =>
      each(stage, count, (dueMs) => {
        const reloadsAfterMs = stage.chance.between(0, 0.95) * reloadGraceMs(stage.play)
        stage.workload('server reloads', dueMs, { copies: { reloadsAfterMs } })
      }),
  },
  {
    name: 'server never reloads',
    what: 'a server presents the SVID of its start until that expires, and after that',
    needs: 'hours and mounted',
    weight: 1.2,
    stage: (stage, count) =>
      each(stage, count, (dueMs) =>
        stage.workload('server never reloads', dueMs, { copies: { reloadsAfterMs: Infinity } }),
      ),
  },
  {
    name: 'detached mount',
    what: 'after a renewal, a volume is not mounted on its node for some minutes, and then mounted anew, which its containers do not see',
    needs: 'hours and mounted',
    weight: 1.2,
    stage: (stage, count) =>
      each(stage, count, (dueMs) => {
        const unmounted = spanAfter(stage, dueMs, 6)
        stage.workload('detached mount', dueMs, { copies: { unmounted } })
      }),
  },
  {
    name: 'empty volume',
    what: 'after a renewal, the files of a volume are gone for some minutes',
    needs: 'hours and mounted',
    weight: 1.2,
    stage: (stage, count) =>
      each(stage, count, (dueMs) => {
        const emptied = spanAfter(stage, dueMs, 6)
        stage.workload('empty volume', dueMs, { copies: { emptied } })
      }),
  },
  {
    name: 'mount by subPath',
    what: 'a container mounts the file alone, and keeps the first one, while the volume is renewed',
    needs: 'mounted',
    stage: (stage, count) =>
      each(stage, count, (dueMs) => stage.workload('mount by subPath', dueMs, { copies: { bySubPath: true } })),
  },
  {
    name: 'node clock wrong',
    what: 'the clock of a node is ahead or behind by up to 2 minutes',
    needs: 'hours',
    weight: 1.2,
    stage: (stage, count) => {
      const nodes = [stage.node({ skewMs: -2 * minuteMs }), stage.node({ skewMs: 2 * minuteMs })] as const
      const fates = [undefined, undefined, forEver(stage, waits('approved'))] as const
      each(stage, count, (dueMs) => {
        const fate = stage.chance.oneOf(fates)
        stage.workload('node clock wrong', dueMs, { node: stage.chance.oneOf(nodes), ...(fate && { fate }) })
      })
    },
  },
  {
    name: 'issuer clock wrong',
    what: 'the clock of an issuer is ahead or behind by up to 2 minutes',
    needs: 'hours',
    weight: 1.2,
    stage: (stage, count) => {
      const issuers = [stage.issuer({ skewMs: -2 * minuteMs }), stage.issuer({ skewMs: 2 * minuteMs })] as const
      const fates = [undefined, undefined, forEver(stage, waits('approved'))] as const
      each(stage, count, (dueMs) => {
        const fate = stage.chance.oneOf(fates)
        stage.workload('issuer clock wrong', dueMs, { issuer: stage.chance.oneOf(issuers), ...(fate && { fate }) })
      })
    },
  },
  {
    name: 'dated back',
    what: 'the issuer dates certificates back, by a sixth of the lifetime but an hour at most, with or without their end; some renewals are refused at first, and some are stuck',
    needs: 'hours',
    weight: 1.2,
    stage: (stage, count) => {
      const backMs = Math.min(hourMs, stage.play.lifetimeMs / 6)
      const issuers = { shifted: stage.issuer({ skewMs: -backMs }), longer: stage.issuer({ backMs }) }
      // What is stuck at the issuer of longer lives expires after the last scene.
      const parts = [
        () => ({ issuer: issuers.shifted }),
        () => ({ issuer: issuers.longer }),
        () => ({ issuer: issuers.shifted, fate: retried(stage) }),
        () => ({ issuer: issuers.longer, fate: retried(stage) }),
        () => ({ issuer: issuers.shifted, fate: forEver(stage, waits('approved')) }),
      ] as const
      each(stage, count, (dueMs) => stage.workload('dated back', dueMs, stage.chance.oneOf(parts)()))
    },
  },
  {
    name: 'rollout',
    what: 'pods are replaced by others, of new names or the same, while renewals fall due, and some of them are stuck',
    stage: (stage, count) =>
      each(stage, count, (dueMs) => {
        const fate = stage.chance.happens(0.5) ? { fate: forEver(stage, waits('approved')) } : {}
        replace(stage, stage.workload('rollout', dueMs, fate))
      }),
  },
  {
    name: 'finished Job',
    what: 'pods end before their renewal falls due, or soon after; they and their requests stay',
    stage: (stage, count) =>
      each(stage, count, (dueMs) => {
        const { chance, play, world } = stage
        const workload = stage.workload('finished Job', dueMs, { fate: forEver(stage, waits('approved')) })
        world.agenda.at(dueMs + chance.between(-2 * minuteMs, play.safeMs / 5), () => stage.finish(workload))
      }),
  },
]

/** Between half a minute and a minute after a renewal fell due, and for so many minutes at most. */
function spanAfter({ chance }: Stage, dueMs: number, minutes: number): Span {
  const fromMs = dueMs + chance.between(0.5, 1) * minuteMs
  return { fromMs, toMs: fromMs + chance.between(0.3, minutes) * minuteMs }
}

const rotationMs = ({ play }: Stage): number => (play.dueFromMs + play.dueToMs) / 2

function rotate(stage: Stage, count: number, kind: string, keepsBundle: () => boolean): readonly Workload[] {
  const { play, world } = stage
  const issuer = stage.issuer()
  world.agenda.at(rotationMs(stage), () => {
    issuer.ca += 1
    issuer.caNotBeforeMs = world.nowMs
    issuer.caNotAfterMs = world.nowMs + 10 * play.lifetimeMs
  })
  const workloads: Workload[] = []
  each(stage, count, (dueMs) => {
    workloads.push(stage.workload(kind, dueMs, { issuer, keepsBundle: keepsBundle() }))
  })
  return workloads
}
