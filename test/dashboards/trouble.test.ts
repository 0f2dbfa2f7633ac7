import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { shippedDashboards, shippedQueries } from '../support/shippedDashboards.ts'
import { asSent } from './support/asked.ts'
import { course, History, newCa, oldCa, type Answer } from './support/history.ts'

/**
 * The moments at which the panels are looked at, in minutes. Of the 13 workloads in `east`, eight are of the issuer that fails, and
 * their renewals come about 3 min apart. Of its other three, one was never issued, and the requests of two are stuck, one of which is
 * muted. Of the two of another issuer, one has a dead mount.
 */
const moments = {
  before: course.outage[0] - 5,
  /** Five of the eight renewals were due and three of them missed, and nothing has expired but the stuck one. */
  early: course.outage[0] + 15,
  /** Everything of the issuer has expired. */
  late: course.outage[1] - 5,
  after: course.outage[1] + 35,
  blind: course.blind[0] + 10,
  gone: course.gone[0] + 10,
} as const
type Moment = keyof typeof moments

type Chosen = Readonly<Record<string, string>>
const east = { $cluster: 'east' }
const west = { $cluster: 'west' }
const both = { $cluster: 'east|west' }
const coast = { $cluster: 'coast' }
const south = { $cluster: 'south' }
const north = { $cluster: 'north' }
/** What a Prometheus answers that has no svidwatch. */
const nowhere = { $cluster: 'nowhere' }

let history: History
beforeAll(async () => {
  history = await History.start()
}, 120_000)
afterAll(() => history[Symbol.asyncDispose]())

const queries = shippedQueries()

function exprOf(dashboard: string, panel: string, legend: string): string {
  const found = queries.find((each) => each.dashboard === dashboard && each.panel === panel && each.legend === legend)
  if (!found) throw new Error(`no such query: ${dashboard} / ${panel} / ${legend}`)
  return found.expr
}

/** What is asked: the dashboard, the panel, and the legend of the query. */
type Asked = readonly [dashboard: string, panel: string, legend: string]

const answers = (asked: Asked, moment: Moment, chosen: Chosen): Promise<readonly Answer[]> =>
  history.at(moments[moment], asSent(exprOf(...asked), { $__rate_interval: '4m', ...chosen }))

/** The value of a stat; 'not known' if there is none. */
async function shown(asked: Asked, moment: Moment, chosen: Chosen): Promise<number | string> {
  const all = await answers(asked, moment, chosen)
  expect(all.length, 'values').toBeLessThanOrEqual(1)
  const value = all[0]?.values[0]
  return value === undefined || Number.isNaN(value) ? 'not known' : Math.round(value * 1000) / 1000
}

/** The values of a column of a table, by the values of some labels. */
async function column(asked: Asked, moment: Moment, chosen: Chosen, ...labels: readonly string[]) {
  const all = await answers(asked, moment, chosen)
  return Object.fromEntries(
    all.map(({ metric, values: [value = NaN] }) => [labels.map((label) => metric[label] ?? '').join(' '), value]),
  )
}

const health = 'SPIRE Health Overview'
const lifecycle = 'SVID Lifecycle'
const federation = 'Federation Status'
const coverage = 'Registration Coverage'
const rotation = 'Rotation Watchdog'

const unknown = 'not known'

/** What stats show in `east`, before, early in, late in and after the outage. */
const duringOutage: readonly (readonly [
  dashboard: string,
  panel: string,
  legend: string,
  values: readonly (number | string)[],
])[] = [
  [health, 'Issuers down', 'down', [0, 1, 1, 0]],
  [health, 'Missed renewals', 'missed', [2, 5, 10, 2]],
  [health, 'Missed renewals', 'of which expired', [2, 2, 10, 2]],
  [health, 'Workloads with valid SVIDs', 'valid', [0.692, 0.692, 0.077, 0.692]],
  [health, 'Agents down', 'down', [1, 1, 1, 1]],
  [health, 'Blind', 'sources', [0, 0, 0, 0]],
  [health, 'Blind', 'nodes', [0, 0, 0, 0]],
  [health, 'Firing alerts', 'critical', [0, 1, 1, 0]],
  [health, 'Firing alerts', 'warning', [0, 0, 0, 0]],
  [lifecycle, 'Renewed on time', 'on time', [0.833, 0.583, 0.167, 0.833]],
  [lifecycle, 'Missed renewals', 'missed', [2, 5, 10, 2]],
  [lifecycle, 'Missed renewals', 'of which expired', [2, 2, 10, 2]],
  [coverage, 'Workloads with valid SVIDs', 'valid', [0.692, 0.692, 0.077, 0.692]],
  [coverage, 'Waiting for the first SVID', 'waiting', [1, 1, 1, 1]],
  [coverage, 'With an expired SVID', 'expired', [3, 3, 11, 3]],
  [coverage, 'Identities at risk', 'at risk', [0, 0, 0, 0]],
  [rotation, 'Issuers down', 'down', [0, 1, 1, 0]],
  [rotation, 'Missed renewals', 'missed', [2, 5, 10, 2]],
  [rotation, 'Missed renewals', 'of which expired', [2, 2, 10, 2]],
  [rotation, 'Missed renewals', 'muted', [1, 1, 1, 1]],
  [rotation, 'Stale mounts', 'workloads', [1, 1, 1, 1]],
  [rotation, 'No SVID yet', 'workloads', [1, 1, 1, 1]],
  [rotation, 'Unreadable files', 'workloads', [0, 0, 0, 0]],
  [rotation, 'Lost mounts', 'workloads', [0, 0, 0, 0]],
  [rotation, 'Mounted by subPath', 'workloads', [0, 0, 0, 0]],
  [rotation, 'Wrong identity', 'workloads', [0, 0, 0, 0]],
  [rotation, 'Refused by peers', 'workloads', [0, 0, 0, 0]],
  // No server is probed.
  [rotation, 'Serve an older SVID', 'workloads', [unknown, unknown, unknown, unknown]],
  [lifecycle, 'Copies', 'issued', [12, 12, 12, 12]],
  [lifecycle, 'Copies', 'mounted', [12, 12, 12, 12]],
  [lifecycle, 'Copies', 'served', [unknown, unknown, unknown, unknown]],
  [rotation, 'Waiting requests', 'all', [2, 7, 10, 2]],
  [health, 'Waiting requests', 'all', [2, 7, 10, 2]],
  [rotation, 'Late renewals', 'expired', [3, 3, 11, 3]],
  [lifecycle, 'Late renewals', 'expired', [3, 3, 11, 3]],
  [federation, 'Stale bundles', 'stale', [0, 1, 1, 0]],
  [federation, 'Stale bundles', 'of which expired', [0, 0, 0, 0]],
  [federation, 'Never fetched', 'never fetched', [1, 1, 1, 1]],
  [federation, 'Last fetch failed', 'failed', [1, 2, 2, 1]],
]

describe('before, early in, late in and after an outage', () => {
  it.each(duringOutage)('%s: %s: %s', async (dashboard, panel, legend, expected) => {
    const asked: Asked = [dashboard, panel, legend]
    const values = await Promise.all(
      (['before', 'early', 'late', 'after'] as const).map((moment) => shown(asked, moment, east)),
    )
    expect(values).toEqual(expected)
  })

  it.each([health, lifecycle, coverage, rotation])('%s marks how long the issuer was down', async (board) => {
    const [critical] = shippedDashboards().find(({ title }) => title === board)?.annotations.list ?? []
    const marked = async (moment: Moment) =>
      (await history.at(moments[moment], asSent(critical?.target.expr ?? '', east))).map(({ metric }) => metric)
    expect(await marked('before')).toEqual([])
    expect(await marked('late')).toEqual([{ cluster: 'east', code: 'issuer_down', issuer: 'ClusterIssuer/main-ca' }])
    expect(await marked('after')).toEqual([])
  })

  it('Health lists what fires', async () => {
    const fires = (moment: Moment) => column([health, 'Firing alerts', 'Firing'], moment, east, 'alertname', 'note')
    expect(await fires('before')).toEqual({ ' nothing fires': NaN })
    expect(await fires('late')).toEqual({ 'SVIDIssuanceDown ': 1 })
  })

  it('Health names the issuer that is down, and in which of two clusters', async () => {
    const states = (moment: Moment) => column([health, 'Issuers', 'State'], moment, both, 'cluster', 'issuer')
    const well = { 'east ClusterIssuer/mail-ca': 4, 'west ClusterIssuer/main-ca': 4 }
    expect(await states('before')).toEqual({ ...well, 'east ClusterIssuer/main-ca': 4 })
    expect(await states('late')).toEqual({ ...well, 'east ClusterIssuer/main-ca': 0 })
    expect(await states('after')).toEqual({ ...well, 'east ClusterIssuer/main-ca': 4 })
  })

  it('Rotation says that an issuer is proven to issue only if it has issued since the newest missed renewal', async () => {
    const proofs = (moment: Moment) =>
      column([rotation, 'Are the issuers proven to issue?', 'Proven'], moment, east, 'issuer')
    const [yes, no] = [2, 0]
    const mail = { 'ClusterIssuer/mail-ca': yes }
    expect(await proofs('before')).toEqual({ ...mail, 'ClusterIssuer/main-ca': yes })
    expect(await proofs('early')).toEqual({ ...mail, 'ClusterIssuer/main-ca': no })
    expect(await proofs('late')).toEqual({ ...mail, 'ClusterIssuer/main-ca': no })
    expect(await proofs('after')).toEqual({ ...mail, 'ClusterIssuer/main-ca': yes })
    const nothingMissed = await column(
      [rotation, 'Are the issuers proven to issue?', 'Proven'],
      'before',
      west,
      'issuer',
    )
    expect(nothingMissed).toEqual({ 'ClusterIssuer/main-ca': 3 })
  })

  it('Rotation says what heals each cause for which copies differ', async () => {
    const byCause = (legend: string) => column([rotation, 'By cause', legend], 'before', east, 'code')
    expect(await byCause('Workloads')).toEqual({ mount_stale: 1 })
    expect(await byCause('Healed by')).toEqual({ mount_stale: 0 })
    expect(await column([rotation, 'Workloads', 'For'], 'before', east, 'namespace', 'code')).toEqual({
      'mail mount_stale': (await byCause('Longest for')).mount_stale,
    })
  })

  it('Coverage gives a namespace in which everything has expired no share of valid SVIDs', async () => {
    const shares = (moment: Moment) => column([coverage, 'Namespaces', 'With valid SVIDs'], moment, east, 'namespace')
    expect(await shares('before')).toMatchObject({ shop: 1, bank: 0 })
    expect(await shares('late')).toMatchObject({ shop: 0, bank: 0, mail: 0.5 })
    expect(await shares('after')).toMatchObject({ shop: 1, bank: 0 })
  })

  it.each([lifecycle, rotation])(
    '%s lists whose renewal was missed, and whether an issuer is the cause',
    async (board) => {
      const listed = async (moment: Moment, legend: string) =>
        Object.values(await column([board, 'Missed renewals', legend], moment, east, 'workload'))
      expect(await listed('before', 'Cause')).toEqual([0, 0])
      expect((await listed('late', 'Cause')).sort()).toEqual([0, 1, 1, 1, 1, 1, 1, 1, 1, 1])
      expect((await listed('late', 'Expires in')).filter((seconds) => seconds < 0)).toHaveLength(10)
      expect(await listed('after', 'Cause')).toEqual([0, 0])
    },
  )

  it.each([
    [{ $namespace: 'shop' }, 0, 8],
    [{ $namespace: 'mail' }, 1, 1],
    [{ $issuer: 'ClusterIssuer/mail-ca' }, 1, 1],
    [{ $node: 'node-1' }, 2, 6],
  ])('Rotation narrows missed renewals down to %o', async (chosen, before, late) => {
    const missed: Asked = [rotation, 'Missed renewals', 'missed']
    expect(await shown(missed, 'before', { ...east, ...chosen })).toBe(before)
    expect(await shown(missed, 'late', { ...east, ...chosen })).toBe(late)
  })

  it('Federation is not narrowed down by the trust domain of the SVIDs', async () => {
    const watched: Asked = [federation, 'Trust domains watched', 'watched']
    expect(await shown(watched, 'late', { ...east, $trust_domain: 'bench.example.org' })).toBe(3)
  })
})

describe('while svidwatch is blind to requests', () => {
  it.each<readonly [...Asked, before: number | string, blind: number | string]>([
    [health, 'Blind', 'sources', 0, 1],
    [health, 'Issuers down', 'down', 0, unknown],
    [health, 'Missed renewals', 'missed', 0, unknown],
    [lifecycle, 'Renewed on time', 'on time', 1, unknown],
    [coverage, 'Waiting for the first SVID', 'waiting', 0, unknown],
    [rotation, 'Missed renewals', 'missed', 0, unknown],
    [rotation, 'Stale mounts', 'workloads', 0, unknown],
    // The node roles still see the files.
    [rotation, 'Unreadable files', 'workloads', 0, 0],
  ])('%s: %s: %s', async (dashboard, panel, legend, before, blind) => {
    expect(await shown([dashboard, panel, legend], 'before', west)).toBe(before)
    expect(await shown([dashboard, panel, legend], 'blind', west)).toBe(blind)
  })

  it.each<readonly [...Asked, well: string]>([
    [health, 'Why requests were refused', 'Requests', 'no request was refused'],
    [lifecycle, 'Missed renewals', 'Expires in', 'no renewal is missed'],
    [coverage, 'Requests that are not issued', 'Requests', 'every request was issued'],
    [rotation, 'Missed renewals', 'Expires in', 'no renewal is missed'],
    [rotation, 'Missed renewals by node', 'Missed', 'no renewal is missed'],
    [rotation, 'Mounts that are stale', 'For', 'every mount has the newest SVID'],
    [rotation, 'By cause', 'Workloads', 'no copies are known to differ'],
    [rotation, 'Workloads', 'For', 'no copies are known to differ'],
  ])('%s: %s: %s no longer says that %s', async (dashboard, panel, legend, well) => {
    const notes = async (moment: Moment) =>
      (await answers([dashboard, panel, legend], moment, west)).map(({ metric }) => metric.note)
    expect(await notes('before')).toEqual([well])
    expect(await notes('blind')).not.toContain(well)
  })

  it('Health says that the issuers are not seen', async () => {
    const states = await column([health, 'Issuers', 'State'], 'blind', west, 'issuer')
    expect(states).toEqual({ 'ClusterIssuer/main-ca': 3 })
  })
})

/** In `south`, one of two servers never reloads, containers of a pod have an older mount, and peers refuse two SVIDs of one issuer. */
describe('where copies differ or are refused', () => {
  it.each<readonly [...Asked, chosen: Chosen, shows: number | string]>([
    [lifecycle, 'Copies', 'issued', {}, 6],
    [lifecycle, 'Copies', 'mounted', {}, 6],
    [lifecycle, 'Copies', 'served', {}, 2],
    [lifecycle, 'What probes found', 'their SVID', {}, 2],
    [lifecycle, 'What probes found', 'another certificate', {}, 0],
    [lifecycle, 'What probes found', 'no answer', {}, 0],
    [lifecycle, 'What probes found', 'not looked at', {}, 4],
    [lifecycle, 'What probes found', 'not looked at', { $namespace: 'bank' }, 1],
    [lifecycle, 'Serve an older SVID', 'workloads', {}, 1],
    [lifecycle, 'Serve an older SVID', 'workloads', { $namespace: 'mail' }, 0],
    [lifecycle, 'Refused by peers', 'workloads', {}, 2],
    [rotation, 'Lost mounts', 'workloads', {}, 1],
    [rotation, 'Lost mounts', 'workloads', { $namespace: 'shop' }, 0],
    [rotation, 'Serve an older SVID', 'workloads', {}, 1],
    [rotation, 'Refused by peers', 'workloads', { $issuer: 'ClusterIssuer/main-ca' }, 0],
    [rotation, 'Refused by peers', 'workloads', { $issuer: 'ClusterIssuer/mail-ca' }, 2],
  ])('%s: %s: %s, of %o, is %s', async (dashboard, panel, legend, chosen, shows) => {
    expect(await shown([dashboard, panel, legend], 'late', { ...south, ...chosen })).toBe(shows)
  })

  it('Rotation says how many there are of each cause, and what heals them', async () => {
    const byCause = (legend: string) => column([rotation, 'By cause', legend], 'late', south, 'code', 'reason')
    expect(await byCause('Workloads')).toEqual({
      'mount_detached ': 1,
      'not_reloaded ': 1,
      'peer_refuses unknown_authority': 2,
    })
    expect(await byCause('Healed by')).toEqual({
      'mount_detached ': 0,
      'not_reloaded ': 1,
      'peer_refuses unknown_authority': 4,
    })
  })

  it('Rotation names the workloads with their causes', async () => {
    const listed = await answers([rotation, 'Workloads', 'For'], 'late', south)
    expect(listed.map(({ metric }) => `${metric.namespace} ${metric.code}`).sort()).toEqual([
      'mail mount_detached',
      'mail peer_refuses',
      'mail peer_refuses',
      'shop not_reloaded',
    ])
  })

  it('Lifecycle names the servers that present an older SVID, and the issuers of what peers refuse', async () => {
    expect(
      Object.keys(await column([lifecycle, 'Servers that present an older SVID', 'For'], 'late', south, 'namespace')),
    ).toEqual(['shop'])
    expect(
      await column([lifecycle, 'Refused by peers, by issuer', 'Workloads'], 'late', south, 'issuer', 'reason'),
    ).toEqual({ 'ClusterIssuer/mail-ca unknown_authority': 2 })
  })

  it.each<readonly [...Asked, text: string]>([
    [rotation, 'By cause', 'Workloads', 'no copies are known to differ'],
    [lifecycle, 'Refused by peers, by issuer', 'Workloads', 'peers refuse no SVID'],
  ])('%s: %s: %s says in a cluster without any that %s', async (dashboard, panel, legend, text) => {
    expect((await answers([dashboard, panel, legend], 'before', west)).map(({ metric }) => metric.note)).toEqual([text])
  })
})

/** In `north`, a new CA signs before three of six volumes have it, and until they have it. */
describe('while a CA is rotated in the wrong order', () => {
  it.each<readonly [...Asked, values: readonly (number | string)[]]>([
    [rotation, 'May I go on?', 'next step', [1, 0, 0, 3]],
    [rotation, 'Refused pairs', 'pairs', [0, 6, 18, 0]],
    [rotation, 'Trust what signs', 'volumes', [1, 0.5, 0.5, 1]],
    [rotation, 'Trust what signs', 'namespaces', [unknown, unknown, unknown, unknown]],
    [rotation, 'Trust bundles', 'differ', [0, 1, 1, 0]],
  ])('%s: %s: %s', async (dashboard, panel, legend, expected) => {
    const moments = ['before', 'early', 'late', 'after'] as const
    const values = await Promise.all(moments.map((moment) => shown([dashboard, panel, legend], moment, north)))
    expect(values).toEqual(expected)
  })

  it('says what may be done with each CA, and who trusts it', async () => {
    const of = (legend: string, moment: Moment) =>
      column([rotation, 'Authorities', legend], moment, north, 'authority', 'key')
    const [oldKey, newKey] = [oldCa, newCa].map((ca) => `${ca} ${ca.slice(0, 12)}`) as [string, string]
    expect(await of('Next step', 'before')).toEqual({ [oldKey]: 3, [newKey]: 1 })
    expect(await of('Next step', 'early')).toEqual({ [oldKey]: 2, [newKey]: 0 })
    expect(await of('Next step', 'after')).toEqual({ [oldKey]: 4, [newKey]: 3 })
    expect(await of('Volumes', 'before')).toEqual({ [oldKey]: 1, [newKey]: 0.5 })
    expect(await of('SVIDs', 'before')).toEqual({ [oldKey]: 6, [newKey]: 0 })
    expect(await of('SVIDs', 'late')).toEqual({ [oldKey]: 0, [newKey]: 6 })
  })
})

/** What docs/ca-rotation.md asks after its steps, in `north`. The old CA is removed before the last moment: nothing tells of it then. */
test.each([
  ['2', 0, [false, false, false, true, true]],
  ['3', 1, [false, false, true, true, false]],
  ['4', 2, [false, false, false, false, true]],
] as const)('docs/ca-rotation.md: whether to go on after step %s', async (_, index, expected) => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/ca-rotation.md'), 'utf8')
  const questions = [...page.matchAll(/^```promql\n(.*?)^```/gms)].map(([, query = '']) =>
    query
      .replaceAll('example.org', 'bench.example.org')
      .replaceAll('"NEW"', `"${newCa}"`)
      .replaceAll('"OLD"', `"${oldCa}"`)
      .replaceAll('{trust_domain', '{cluster="north",trust_domain'),
  )
  expect(questions).toHaveLength(3)
  const asked = (['before', 'early', 'late', 'after', 'gone'] as const).map(
    async (moment) => (await history.at(moments[moment], questions[index] ?? '')).length > 0,
  )
  expect(await Promise.all(asked)).toEqual(expected)
})

/** In `coast`, two servers of other trust domains are probed each minute; one of them is refused for an hour. */
describe('where servers of other trust domains are probed', () => {
  const rate: Asked = [federation, 'Cross-domain success rate', 'now']
  const wholeCourse = ['before', 'early', 'late', 'after'] as const

  it('Federation says which share of the probes verifies', async () => {
    expect(await Promise.all(wholeCourse.map((moment) => shown(rate, moment, coast)))).toEqual([1, 1, 0.5, 1])
    expect(await shown(rate, 'late', { ...coast, $federated_domain: 'good.example' })).toBe(1)
    expect(await shown(rate, 'late', { ...coast, $federated_domain: 'changing.example' })).toBe(0)
  })

  it('Federation says so for the whole time range', async () => {
    const inRange: Asked = [federation, 'Cross-domain success rate', 'in the time range']
    expect(await shown(inRange, 'late', { ...coast, $__range: '90m' })).toBeCloseTo(0.75, 1)
  })

  it('Federation does not know it where no server is probed', async () => {
    expect(await shown(rate, 'late', east)).toBe(unknown)
  })

  it('Federation names the server that is refused, and why', async () => {
    const refused = async (moment: Moment) =>
      (await answers([federation, 'Refused servers', 'For'], moment, coast)).map(({ metric }) => metric)
    expect(await refused('late')).toEqual([
      {
        cluster: 'coast',
        trust_domain: 'changing.example',
        reason: 'unknown_authority',
        file: 'web.changing.example:8443',
      },
    ])
    expect(await refused('after')).toEqual([{ note: 'peers refuse no server' }])
  })
})

test('Health says that the svidwatch of a cluster is gone', async () => {
  expect(await shown([health, 'Blind', 'sources'], 'gone', {})).toBe(1)
})

describe('without any svidwatch', () => {
  const stats = queries.filter(({ kind, panel }) => kind === 'stat' && panel !== 'Firing alerts')
  it.each(stats.map(({ dashboard, panel, legend }) => [dashboard, panel, legend] as const))(
    '%s: %s: %s is not known',
    async (...asked) => {
      expect(await shown(asked, 'before', nowhere)).toBe(unknown)
    },
  )

  const tables = queries.filter(({ kind, panel }) => kind === 'table' && panel !== 'Firing alerts')
  it.each(tables.map(({ dashboard, panel, legend }) => [dashboard, panel, legend] as const))(
    '%s: %s: %s has no row, or one that says so',
    async (...asked) => {
      const rows = await answers(asked, 'before', nowhere)
      expect(rows.map(({ metric }) => metric).filter(({ note }) => note !== 'not known')).toEqual([])
    },
  )
})

test('whether alerts fire is not known where the rules are not loaded', async () => {
  const loaded = exprOf(health, 'Firing alerts', 'critical')
  const expr = loaded.replaceAll('SvidwatchAlive', 'SvidwatchAbsent')
  expect(expr).not.toBe(loaded)
  expect(await history.at(moments.before, asSent(expr, east))).toEqual([])
})

describe('a thousand nodes', () => {
  it.each([health, coverage])('%s draws ten of them over the whole range', async (board) => {
    const expr = asSent(exprOf(board, 'SVIDs by node', '{{cluster}} {{node}}'), { $cluster: 'crowd' })
    const series = await history.over(0, 15, expr)
    expect(series).toHaveLength(10)
    expect(series.every(({ values }) => values.length === 16)).toBe(true)
  })
})
