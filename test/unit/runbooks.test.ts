import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ruleGroups } from '../../alerts/all.ts'
import { allCodes, diagnosisCodes } from '../../src/diagnosis/codes.ts'
import { catalogue } from '../../src/metrics/catalogue.ts'
import { readProblemQuery, type ProblemQuery } from '../../src/server/problemQuery.ts'
import { problemsOf } from '../support/promql.ts'

const folder = join(import.meta.dirname, '../../docs/runbooks')
const read = (file: string) => readFileSync(join(folder, file), 'utf8')
const rules = ruleGroups.flatMap((group) => group.rules)
const alerts = rules.filter((rule) => 'alert' in rule)
const names = [...new Set(alerts.map(({ alert }) => alert))].sort()
const sections = ['What it means', 'What breaks, and when', 'Confirm', 'Causes and fixes', 'Silence']

test('each alert has a page, and each page an alert', () => {
  const pages = readdirSync(folder).filter((file) => file !== 'README.md')
  expect(pages.sort()).toEqual(names.map((name) => `${name}.md`))
})

test('the index leads to each page once', () => {
  const links = [...read('README.md').matchAll(/\]\((\w+)\.md\)/g)].map(([, name]) => name)
  expect(links.sort()).toEqual(names)
})

test.each(names)('%s has its severities, and every section in its place', (name) => {
  const page = read(`${name}.md`)
  const severities = alerts.filter(({ alert }) => alert === name).map(({ severity }) => severity)
  expect(page).toMatch(new RegExp(`^# ${name}\n\nSeverity: ${severities.join(', later ')}\\. `))
  expect([...page.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual(sections)
})

/** Whether a link of a page leads to a file, and to a heading of it. */
function leadsSomewhere(file: string, link: string): boolean {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? file : path
  if (!existsSync(join(folder, target))) return false
  const headings = anchor === undefined ? [] : (read(target).match(/^#+ .*$/gm) ?? [])
  const anchors = headings.map((heading) =>
    heading
      .replace(/^#+ /, '')
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  )
  return anchor === undefined || anchors.includes(anchor)
}

test.each(['README.md', ...names.map((name) => `${name}.md`)])('every link of %s leads somewhere', (file) => {
  const links = [...read(file).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
  expect(links.filter((link) => !leadsSomewhere(file, link))).toEqual([])
})

/** Metrics of SPIRE itself, and words that are no metrics. */
const others = [
  'spire_agent_manager_sync_fetch_entries_updates',
  'spire_server_manager_x509_ca_rotate_expiration',
  'spiffe_id',
  'spiffe_sequence',
]

test.each(['README.md', ...names.map((name) => `${name}.md`)])('%s names only metrics that exist', (file) => {
  const recorded = rules.flatMap((rule) => ('record' in rule ? [rule.record] : []))
  const known = new Set([...Object.keys(catalogue), ...recorded, ...others])
  const named = read(file).match(/\b(spire|spiffe|svidwatch)_[a-z0-9_]*[a-z0-9]/g) ?? []
  const unknown = named.filter((name) => !known.has(name) && !known.has(name.replace(/_(bucket|count|sum)$/, '')))
  expect(unknown).toEqual([])
})

/** What a page says in PromQL: the lines of such blocks, and what between backticks names a series. */
function expressionsIn(page: string): readonly string[] {
  const blocks = [...page.matchAll(/^```promql\n(.*?)^```/gms)].flatMap(([, lines = '']) => lines.trim().split('\n'))
  const inline = [...page.replaceAll(/^ *```.*?^ *```/gms, '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)
  const ofSeries = inline.filter((code) => /\b(spire|spiffe|svidwatch)_|ALERTS/.test(code))
  return [...blocks, ...ofSeries.filter((code) => !others.some((other) => code.startsWith(other)))]
}

test.each(names)('what %s says in PromQL parses, and names what exists', (name) => {
  const wrong = expressionsIn(read(`${name}.md`)).map((expr) => [expr, ...problemsOf(expr)])
  expect(wrong.filter(([, ...problems]) => problems.length > 0)).toEqual([])
})

/** Returns the queries of /api/v1/problems in a text, with a value in place of each variable of the shell. */
function problemQueriesIn(text: string): readonly ProblemQuery[] {
  const queries = [...text.matchAll(/\/api\/v1\/problems(\?[^"'` ]*)?/g)].map(([, query = '']) => query)
  return queries.map((query) => {
    const parameters = new URLSearchParams(query.replaceAll(/\$\w+/g, 'x'))
    return readProblemQuery(Object.fromEntries(parameters))
  })
}

test.each(['README.md', ...names.map((name) => `${name}.md`)])(
  'every query of problems in %s can be answered',
  (file) => {
    expect(() => problemQueriesIn(read(file))).not.toThrow()
  },
)

test.each([...new Set(allCodes.map((code) => diagnosisCodes[code].alert))])(
  'the first command that confirms %s asks for its problem',
  (name) => {
    const [, confirm = ''] = read(`${name}.md`).split('\n## Confirm\n')
    const lines = confirm
      .split('\n')
      .filter((line) => line !== '' && !/^(```|#|[A-Z]+=|kubectl .* port-forward )/.test(line))
    const [query] = problemQueriesIn(lines[0] ?? '')
    const isAboutOne = query?.pod !== undefined || query?.node !== undefined
    const isAboutCode = query?.code !== undefined && diagnosisCodes[query.code].alert === name
    expect(isAboutOne || isAboutCode, lines[0]).toBe(true)
  },
)

/** Commands are pasted into production: they fetch no Secret's data, run no image, and delete nothing by force. */
const dangers = [/\.data\.tls/, /get secrets? [^|]*-o/, /kubectl run\b/, /--image[ =]/, /kubectl [^`]*--force/]

test.each(['README.md', ...names.map((name) => `${name}.md`)])('no command of %s is dangerous', (file) => {
  const page = read(file)
  expect(dangers.filter((danger) => danger.test(page))).toEqual([])
  const drains = page.match(/kubectl drain [^`\n]*/g) ?? []
  expect(drains.filter((drain) => !drain.includes('--ignore-daemonsets --delete-emptydir-data'))).toEqual([])
})
