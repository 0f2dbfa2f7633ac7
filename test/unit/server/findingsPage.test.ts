import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { MountedObservation } from '../../../src/ledger/workloads/observations.ts'
import { decodeLine, encodeLine } from '../../../src/nodeStream/lines.ts'
import { tokenProblems } from '../../../src/nodeStream/tokenProblems.ts'
import { FindingsQueue } from '../../../src/server/findingsQueue.ts'
import { FakeFindings } from '../../support/fakeFindings.ts'

const page = readFileSync(join(import.meta.dirname, '../../../docs/api.md'), 'utf8')
const section = page.split('## GET /api/v1/findings\n')[1]?.split('\n## ')[0] ?? ''
const example = /```ndjson\n(.*?)```/s.exec(section)?.[1] ?? ''

it('docs/api.md shows the lines of a stream as they really are', () => {
  const said = example.trim().split('\n').map(decodeLine)
  const mounted = said.flatMap((line): MountedObservation[] => ('mounted' in line ? [line.mounted] : []))
  const view = new FakeFindings()
  for (const one of mounted) view.mount(one)
  const queue = new FindingsQueue(view, () => true)
  view.follow('finding', (finding) => queue.addFinding(finding))

  const lines: string[] = []
  const take = () => {
    for (let line = queue.next(); line !== undefined; line = queue.next()) lines.push(encodeLine(line))
  }
  take()
  view.unmount(mounted[1]?.podUid ?? '', 'tls')
  take()
  lines.push(encodeLine({ type: 'heartbeat' }))
  const parsed = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown)
  expect(parsed(lines.join(''))).toEqual(parsed(example))
})

it('docs/api.md names every reason of a refusal', () => {
  const rows = Array.from(section.matchAll(/^\| `(\w+)` +\| (.*?) +\|$/gm), ([, reason, meaning]) => [reason, meaning])
  expect(Object.fromEntries(rows)).toEqual(tokenProblems)
})
