import type { Chance } from './chance.ts'
import { minuteMs, type Play } from './scenes.ts'
import type { Watch } from './watch.ts'

/** What befalls a whole fleet: the clocks, svidwatch and Prometheus. */
export interface Condition {
  readonly name: string
  readonly what: string
  /** For lifetimes from an hour on only. */
  readonly needs?: 'hours' | 'an hour'
  readonly clocks?: (chance: Chance) => { readonly svidwatchMs?: number; readonly prometheusMs?: number }
  readonly befall?: (watch: Watch, play: Play, chance: Chance) => void
}

/** A moment of one of the scenes that leaves `ms` of it. */
function momentOf(play: Play, chance: Chance, ms: number): number {
  const { fromMs, toMs } = chance.oneOf(play.scenes as [Play['scenes'][0], ...Play['scenes']])
  return chance.between(fromMs + 90_000, Math.max(fromMs + 90_000, toMs - ms))
}

const isShort = ({ lifetimeMs }: Play): boolean => lifetimeMs < 10 * minuteMs
/** How long something is out of sight. */
const outMs = (play: Play, chance: Chance): number =>
  isShort(play) ? chance.between(10_000, 30_000) : chance.between(0.5, 4) * minuteMs
const sign = (chance: Chance): number => chance.oneOf([-1, 1])

/** Twice in a play, at moments of chance. */
function twice(play: Play, chance: Chance, ms: number, act: (atMs: number) => void): void {
  act(momentOf(play, chance, ms))
  act(momentOf(play, chance, ms))
}

export const conditions: readonly Condition[] = [
  { name: 'nothing', what: 'svidwatch and Prometheus are well' },
  {
    name: 'scrape gaps',
    what: 'scrapes fail, or are not made, for up to 2 minutes (30 s for lifetimes under 10 minutes)',
    befall: (watch, play, chance) =>
      twice(play, chance, 3 * minuteMs, (atMs) => {
        const ms = isShort(play) ? chance.between(15_000, 30_000) : chance.between(0.3, 2) * minuteMs
        watch.gap(atMs, ms, chance.happens(0.5))
      }),
  },
  {
    name: 'restart',
    what: 'svidwatch is gone for 30 to 60 s, and begins anew',
    befall: (watch, play, chance) =>
      twice(play, chance, 2 * minuteMs, (atMs) => watch.restart(atMs, chance.between(30, 60) * 1000)),
  },
  {
    name: 'two at once',
    what: 'a second svidwatch comes, and the first one goes up to two minutes later',
    befall: (watch, play, chance) =>
      twice(play, chance, 3 * minuteMs, (atMs) => watch.replace(atMs, chance.between(15, 120) * 1000)),
  },
  {
    name: 'API out of sight',
    what: 'svidwatch cannot see the API for up to 4 minutes (30 s for lifetimes under 10 minutes)',
    befall: (watch, play, chance) =>
      twice(play, chance, 5 * minuteMs, (atMs) => watch.blind(atMs, outMs(play, chance), 'api')),
  },
  {
    name: 'dead watches',
    what: 'the watches of the API are dead for up to 3 minutes (a minute for lifetimes under 10 minutes), and the connections stay',
    befall: (watch, play, chance) =>
      twice(play, chance, 5 * minuteMs, (atMs) =>
        watch.killWatches(atMs, chance.between(0.5, isShort(play) ? 1 : 3) * minuteMs),
      ),
  },
  {
    name: 'nodes out of sight',
    what: 'svidwatch cannot see the files of a node for as long',
    befall: (watch, play, chance) =>
      watch.nodes.forEach((node) =>
        twice(play, chance, 5 * minuteMs, (atMs) => watch.blind(atMs, outMs(play, chance), node)),
      ),
  },
  {
    name: 'blind for long',
    what: 'svidwatch cannot see the API for 17 to 20 minutes: it says so itself',
    needs: 'an hour',
    befall: (watch, play, chance) =>
      watch.blind(play.dueFromMs + chance.between(0, 4) * minuteMs, chance.between(17, 20) * minuteMs, 'api'),
  },
  {
    name: 'gone for long',
    what: 'svidwatch is gone for 7 to 9 minutes: Prometheus says so',
    needs: 'an hour',
    befall: (watch, play, chance) =>
      watch.restart(play.dueFromMs + chance.between(-3, 12) * minuteMs, chance.between(7, 9) * minuteMs),
  },
  {
    name: "svidwatch's clock wrong",
    what: 'it is ahead or behind by up to 2 minutes',
    needs: 'hours',
    clocks: (chance) => ({ svidwatchMs: sign(chance) * chance.whole(60, 120) * 1000 }),
  },
  {
    name: "Prometheus' clock wrong",
    what: 'the same',
    needs: 'hours',
    clocks: (chance) => ({ prometheusMs: sign(chance) * chance.whole(60, 120) * 1000 }),
  },
]
