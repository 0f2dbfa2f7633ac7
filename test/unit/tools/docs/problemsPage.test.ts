import { expect, it } from 'vitest'
import { allCodes, diagnosisCodes, remedies } from '../../../../src/diagnosis/codes.ts'
import { renderProblemsPage } from '../../../../tools/docs/problemsPage.ts'

const [codes = '', remedyPart = ''] = renderProblemsPage().split('## Remedies')

/** The cells of the rows of a table, without its head. */
const rowsOf = (part: string): readonly (readonly string[])[] =>
  [...part.matchAll(/^\| `.*\|$/gm)].map(([line]) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )

it('describes every problem, with all that there is to say about it', () => {
  const rows = rowsOf(codes)
  expect(rows.map(([name]) => name)).toEqual(allCodes.map((name) => `\`${name}\``))
  for (const row of rows) expect(row.filter((cell) => cell !== '')).toHaveLength(7)
  expect(rows.map((row) => row[3])).toEqual(allCodes.map((name) => diagnosisCodes[name].meaning))
})

it('gives thresholds in units that people use', () => {
  const cells = new Map(rowsOf(codes).map((row) => [row[0] ?? '', row.slice(4)]))
  expect(cells.get('`renewal_missed`')).toEqual([
    expect.stringMatching(/^when 27 % of the time from renewal due to expiry has passed/),
    '[SVIDExpiringSoon](runbooks/SVIDExpiringSoon.md)',
    'at once',
  ])
  expect(cells.get('`mount_stale`')?.[0]).toContain(' 10 s ')
  expect(cells.get('`mount_stale`')?.[2]).toBe('5 min')
  expect(cells.get('`ca_expiring`')?.[0]).toMatch(/ 30 d .* 15 % .* 5 d .* 10 % .* 5 % /)
})

it('says what each remedy is', () => {
  expect(rowsOf(remedyPart)).toEqual(Object.entries(remedies).map(([name, meaning]) => [`\`${name}\``, meaning]))
})
