import type { Firing, Sample, Scenario, Series } from '../scenario.ts'
import { critical, Exporter, minute, otherLabels, otherLabelsBut, workload, type Workload } from '../world.ts'
import { scenario } from './issuer.ts'

const cluster = 'east'
const teller = new Exporter({ cluster })
const second = new Exporter({ cluster, instance: 'b:9797' })
const refusal = { copy: 'mounted', reason: 'unknown_authority' } as const
const explained_by = 'authority_untrusted'

/** When SVIDs are refused first. */
const start = 120

const numbered = (index: number, more: Partial<Workload> = {}): Workload =>
  workload({ cluster, pod: `web-${String(index).padStart(3, '0')}`, ...more })
const pods = (count: number, more: Partial<Workload> = {}): readonly Workload[] =>
  Array.from({ length: count }, (_, index) => numbered(index, more))

type When = (t: number) => boolean
const always: When = (t) => t >= start
const between =
  (from: number, to: number): When =>
  (t) =>
    t >= from && t < to
const during =
  (when: When) =>
  (t: number): Sample =>
    when(t) ? start : 'stale'

/** A refused SVID, as one svidwatch tells of it: explained while `explained` says so. */
const refused = (of: Workload, explained: When, by = teller, when = always): readonly Series[] => [
  by.problem(
    'peer_refuses',
    { ...of, ...refusal, explained_by },
    during((t) => when(t) && explained(t)),
  ),
  by.problem(
    'peer_refuses',
    { ...of, ...refusal },
    during((t) => when(t) && !explained(t)),
  ),
]
const untrusted = (when: When = always, by = teller, trust_domain = 'example.org'): Series =>
  by.problem('authority_untrusted', { trust_domain, reason: 'signs_too_early' }, during(when))

const page = (labels: Readonly<Record<string, string>> = {}): Firing =>
  critical('SPIFFEAuthorityUntrusted', { cluster, trust_domain: 'example.org', ...labels })
const alone = (of: Workload, labels: Readonly<Record<string, string>> = {}): Firing =>
  critical('SVIDRefusedByPeers', { ...of, ...refusal, ...labels })
const ofIssuer = critical('SVIDRefusedByPeers', {
  cluster,
  trust_domain: 'example.org',
  issuer: workload().issuer,
})

const never: When = () => false
/** For 45 s of each minute. */
const mostly: When = (t) => t % 60 < 45
/** For some seconds of each minute, in turn with another one. */
const first: When = (t) => t % 60 < 30
const other: When = (t) => t % 60 >= 30

/** As long as an explanation lasts, and while it flickers, the page of the trust domain is the only one. */
const silent: readonly Scenario[] = [
  scenario(
    'of 200 refused SVIDs that an authority explains that is not trusted, one alert tells',
    [...teller.self(), ...pods(200).flatMap((of) => refused(of, always)), untrusted()],
    [start + 15],
    [start + 30, page()],
    [40 * minute, page()],
  ),
  scenario(
    'of 200 refused SVIDs of as many issuers that an authority explains, one alert tells',
    [
      ...teller.self(),
      ...pods(200).flatMap((of, index) => refused({ ...of, issuer: `Issuer/team-a/ca-${index}` }, always)),
      untrusted(),
    ],
    [40 * minute, page()],
  ),
  ...[1, 8].flatMap((count): Scenario[] => [
    scenario(
      `${count} refused SVIDs whose explanation comes and goes`,
      [...teller.self(), ...pods(count).flatMap((of) => refused(of, mostly)), untrusted()],
      [start + minute, page()],
      [40 * minute, page()],
    ),
    scenario(
      `${count} refused SVIDs that one of two svidwatch explains`,
      [
        ...teller.self(),
        ...second.self(),
        ...pods(count).flatMap((of) => [...refused(of, never), ...refused(of, always, second)]),
        untrusted(always, second),
      ],
      [start + minute, page()],
      [40 * minute, page()],
    ),
    scenario(
      `${count} refused SVIDs that two svidwatch explain in turn, each for some seconds`,
      [
        ...teller.self(),
        ...second.self(),
        ...pods(count).flatMap((of) => [...refused(of, first), ...refused(of, other, second)]),
        untrusted(first),
        untrusted(other, second),
      ],
      [start + minute, page()],
      [40 * minute, page()],
    ),
    scenario(
      `${count} refused SVIDs that one svidwatch explains, while another one does not know their issuer`,
      [
        ...teller.self(),
        ...second.self(),
        ...pods(count).flatMap((of) => [...refused(of, always), ...refused({ ...of, issuer: '' }, never, second)]),
        untrusted(),
      ],
      [40 * minute, page()],
    ),
  ]),
  ...[20, 240].map((seconds) => {
    const [goneAt, backAt] = [600, 600 + seconds]
    const restarted = new Exporter({ cluster, scrapes: (t) => (between(goneAt, backAt)(t) ? 'down' : 'up') })
    const knows: When = (t) => t < goneAt || t >= backAt + 45
    return scenario(
      `svidwatch is away for ${seconds} s, and explains nothing for another 45 s`,
      [...restarted.self(), ...pods(8).flatMap((of) => refused(of, knows, restarted)), untrusted(knows, restarted)],
      [goneAt, page()],
      [backAt, page()],
      [backAt + 45, page()],
      [40 * minute, page()],
    )
  }),
]

/** What nothing explains has its alert, by name or of its issuer. */
const told: readonly Scenario[] = [
  scenario(
    'refused SVIDs that are explained no more have alerts a minute later',
    [...teller.self(), ...pods(2).flatMap((of) => refused(of, (t) => t < 600)), untrusted((t) => always(t) && t < 600)],
    [645, page()],
    [660, page(), ...pods(2).map((of) => alone(of))],
    [20 * minute, ...pods(2).map((of) => alone(of))],
  ),
  scenario(
    'many refused SVIDs that are explained no more have the alert of their issuer',
    [...teller.self(), ...pods(8).flatMap((of) => refused(of, (t) => t < 600)), untrusted((t) => always(t) && t < 600)],
    [20 * minute, ofIssuer],
  ),
  scenario(
    'a refused SVID that is explained only after its alert has fired: the page of the trust domain takes its place',
    [...teller.self(), ...refused(numbered(0), (t) => t >= 600), untrusted((t) => t >= 600)],
    [585, alone(numbered(0))],
    [660, alone(numbered(0)), page()],
    [600 + 5 * minute - 15, alone(numbered(0)), page()],
    [600 + 5 * minute, page()],
    [40 * minute, page()],
  ),
  scenario(
    'refused SVIDs with an explanation that has no alert itself',
    [...teller.self(), ...pods(2).flatMap((of) => refused(of, always))],
    [start + minute, ...pods(2).map((of) => alone(of))],
  ),
  scenario(
    'refused SVIDs whose explanation is of another trust domain',
    [...teller.self(), ...refused(numbered(0), always), untrusted(always, teller, 'other.example')],
    [start + minute, alone(numbered(0)), page({ trust_domain: 'other.example' })],
  ),
  (() => {
    const west = new Exporter({ cluster: 'west', instance: 'west:9797' })
    return scenario(
      'refused SVIDs whose explanation is of another cluster',
      [...teller.self(), ...west.self(), ...refused(numbered(0), always), untrusted(always, west)],
      [start + minute, alone(numbered(0)), page({ cluster: 'west' })],
    )
  })(),
  ...[...otherLabelsBut('issuer'), ['copy', 'served'] as const, ['reason', 'no_key_usage'] as const].map(
    ([label, value]) => {
      const west = new Exporter({ cluster: 'west', instance: 'west:9797' })
      const by = label === 'cluster' ? west : teller
      const beside = { ...numbered(0), ...refusal, [label]: value }
      return scenario(
        `a refused SVID that nothing explains, beside one that is explained and differs in its ${label} alone`,
        [
          ...teller.self(),
          ...west.self(),
          ...refused(numbered(0), always),
          untrusted(),
          by.problem('peer_refuses', beside, during(always)),
          ...(label === 'cluster' ? [untrusted(always, west)] : []),
          ...(label === 'trust_domain' ? [untrusted(always, teller, otherLabels.trust_domain)] : []),
        ],
        [
          start + minute,
          page(),
          critical('SVIDRefusedByPeers', beside),
          ...(label === 'cluster' ? [page({ cluster: 'west' })] : []),
          ...(label === 'trust_domain' ? [page({ trust_domain: otherLabels.trust_domain })] : []),
        ],
      )
    },
  ),
  scenario(
    'a refused SVID that another problem explains has its alert',
    [
      ...teller.self(),
      teller.problem('peer_refuses', { ...numbered(0), ...refusal, explained_by: 'mount_detached' }, during(always)),
      untrusted(),
    ],
    [start + minute, page(), alone(numbered(0))],
  ),
]

/** Refused SVIDs that an authority explains that is not trusted, and those beside them that nothing explains. */
export const explainedRefusals: readonly Scenario[] = [...silent, ...told]
