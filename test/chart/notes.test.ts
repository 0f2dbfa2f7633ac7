import { cp, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { at, chart, find, render, type Setting, type Values } from './support/render.ts'

/** A copy of the chart whose notes are in an object, because `helm template` does not render notes. */
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'svidwatch-notes-'))
  await cp(chart, folder, { recursive: true })
  await rename(join(folder, 'templates/NOTES.txt'), join(folder, 'NOTES.txt'))
  const template = `kind: Notes\nmetadata: { name: notes }\ntext: {{ tpl (.Files.Get "NOTES.txt") . | toJson }}\n`
  await writeFile(join(folder, 'templates/notes.yaml'), template)
})
afterAll(() => rm(folder, { recursive: true }))

const notes = async (values: Values, setting: Setting = {}) =>
  String(at(find(await render(values, { ...setting, folder }), 'Notes notes'), 'text'))

const missing = /What is missing:\n(.*)/s
const prometheus = { namespaceSelector: { matchLabels: { name: 'monitoring' } } }
const closed = { enabled: true, metricsFrom: [prometheus] }
const complete: Setting = { operator: true, apis: ['cert-manager.io/v1'] }

test('where nothing is missing, the notes say how to look at svidwatch and how to check it', async () => {
  const text = await notes({ networkPolicy: closed }, complete)
  expect(text).toContain('kubectl -n svidwatch port-forward service/svidwatch 9797')
  expect(text).toContain('curl -s localhost:9797/api/v1/problems')
  expect(text).toContain('helm test svidwatch -n svidwatch')
  expect(text).toContain('kubectl -n svidwatch logs svidwatch-test')
  expect(text).toContain('svidwatch-node/svidwatch-public-keys')
  expect(text).not.toMatch(missing)
})

test.each<[string, Values, Setting]>([
  ['cert-manager is not installed', {}, { operator: true }],
  ['The Prometheus Operator is not installed', {}, { apis: ['cert-manager.io/v1'] }],
  ['No node role is followed', { node: { enabled: false } }, complete],
  ['Network policies are off', { networkPolicy: { enabled: false } }, complete],
  ['Every pod may read the metrics: name the pods of Prometheus', { networkPolicy: { metricsFrom: [] } }, complete],
  ['rbac.create is false', { rbac: { create: false } }, complete],
])('the notes say: %s', async (said, values, setting) => {
  const networkPolicy = { ...closed, ...(values['networkPolicy'] as Values | undefined) }
  const lines = missing
    .exec(await notes({ ...values, networkPolicy }, setting))?.[1]
    ?.trim()
    .split('\n')
  expect(lines).toEqual([expect.stringContaining(said)])
})

test.each<[string, Values]>([
  ['the namespaces team-a, team-b', { namespaces: ['team-a', 'team-b'] }],
  ['the whole cluster', {}],
  ['nodeFindings.service=svidwatch-node/svidwatch-node follows them', { cluster: { enabled: false } }],
  ['get configmap keys -o yaml', { keys: { signingSecret: 'key', publicKeysConfigMap: 'keys' } }],
])('the notes name %s', async (said, values) => {
  expect(await notes(values)).toContain(said)
})

test('the notes say that svidwatch connects to pods, unless it does not', async () => {
  const said = 'connects to the TLS ports of pods with SVIDs'
  expect(await notes({})).toContain(said)
  expect(await notes({ settings: { servedSvids: { pods: false } } })).not.toContain(said)
  expect(await notes({ cluster: { enabled: false } })).not.toContain(said)
})
