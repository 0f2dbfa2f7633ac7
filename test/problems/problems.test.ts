import { expect, test } from 'vitest'
import { allCodes, diagnosisCodes } from '../../src/diagnosis/codes.ts'
import { cases, type Case, type Name } from './cases.ts'
import { startCluster } from './cluster.ts'
import { alertsOver, type Alert } from './prometheus.ts'
import { confirmingCommand } from './runbook.ts'
import { startSvidwatch, type Svidwatch } from './svidwatch.ts'

/** An item of /api/v1/problems. */
interface Item {
  readonly code: string
  readonly severity: string
  readonly subject: Name
  readonly evidence: Readonly<Record<string, unknown>>
}

test('every code has a case', () => {
  const brought = new Set(cases.map(({ code }) => code))
  expect(allCodes.filter((code) => !brought.has(code))).toEqual([])
})

test.each(cases.map((one) => [`${one.code}: ${one.happens}`, one] as const))('%s', async (_, one) => {
  const { clock, svidwatch } = await brought(one)
  const { alert } = diagnosisCodes[one.code]
  const { items } = await problems(svidwatch, '/api/v1/problems?limit=1000')

  const [item, ...others] = items.filter(({ code, subject }) => code === one.code && isAbout(subject, one.subject))
  expect({ item, others }).toMatchObject({ item: { ...one.shows, alert }, others: [] })
  expect(Object.keys(item?.evidence ?? {})).toEqual(expect.arrayContaining([...one.evidence]))

  const command = confirmingCommand(alert, variablesOf(one.subject))
  const [, path = ''] = /localhost:9797([^'" ]*)/.exec(command) ?? []
  expect((await problems(svidwatch, path)).items, command).toContainEqual(item)

  const { firing, pages } = alertsOver(svidwatch.scrapes, clock.now())
  const labels = labelsOf(one.subject)
  const expected = { alertname: alert, severity: item?.severity ?? '' }
  expect(
    firing.filter((each) => isAbout(each, expected) && tells(each, labels)),
    alert,
  ).toHaveLength(1)

  expect(seriesOf(svidwatch.scrapes.at(-1), labelsOf(one.neighbour))).not.toEqual([])
  expect(items.filter((each) => isAbout(each.subject, one.neighbour))).toEqual([])
  expect(pages.filter((each) => isAbout(each, labelsOf(one.neighbour)))).toEqual([])
})

/** Brings a problem about, and lets so much time pass that its alert fires. */
async function brought({ plan, before, breaks, minutes }: Case) {
  const cluster = await startCluster(plan)
  await before?.(cluster)
  const svidwatch = await startSvidwatch(cluster)
  await svidwatch.pass(1)
  await breaks?.(cluster, svidwatch)
  await svidwatch.pass(minutes)
  return { clock: cluster.clock, svidwatch }
}

const problems = async ({ get }: Svidwatch, path: string): Promise<{ readonly items: readonly Item[] }> =>
  JSON.parse(await get(path)) as { items: Item[] }

const isAbout = (subject: Name, name: Name): boolean =>
  Object.entries(name).every(([field, value]) => subject[field] === value)

/** Whether an alert that names its subject names this one. An alert may name only the namespace, or the issuer. */
function tells(alert: Alert, labels: Name): boolean {
  const named = Object.keys(labels).filter((label) => label in alert)
  return named.length > 0 && named.every((label) => alert[label] === labels[label])
}

const labelsOf = (name: Name): Name =>
  Object.fromEntries(
    Object.entries(name).map(([field, value]) => [
      field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  )

const seriesOf = (scrape = '', labels: Name): readonly string[] => {
  const texts = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  return scrape.split('\n').filter((line) => texts.every((text) => line.includes(text)))
}

/** The variables that a runbook has its reader set from the alert. */
const variablesOf = ({ namespace = '', pod = '', node = '', issuer = '', trustDomain = '' }: Name) => ({
  NS: namespace,
  POD: pod,
  NODE: node,
  ISSUER: issuer,
  TD: trustDomain,
})
