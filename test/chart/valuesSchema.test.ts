import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { flattened } from '../../tools/chart/value.ts'
import { values } from '../../tools/chart/values.ts'
import { template } from './support/helm.ts'
import { nested } from './support/nested.ts'
import { chart } from './support/render.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chart-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('the schema of the values', () => {
  it('accepts the example of every value', async () => {
    // Without templates, because some examples exclude each other.
    for (const name of ['Chart.yaml', 'values.yaml', 'values.schema.json'])
      cpSync(join(chart, name), join(folder, name))
    const examples = flattened(values).map(([path, { example }]) => [path, example] as const)
    expect((await template(folder, nested(examples))).messages).toBe('')
  })

  it('refuses unknown keys everywhere, except where keys are free', () => {
    const schema = JSON.parse(readFileSync(join(chart, 'values.schema.json'), 'utf8')) as Node
    const open = [...nodesOf(schema)].filter(
      ([, node]) => node.type === 'object' && node.additionalProperties === undefined,
    )
    const free = [...nodesOf(schema)].filter(([, node]) => node.additionalProperties === true)
    expect(open.map(([path]) => path)).toEqual(['/extraObjects/items', '/extraObjects/items/metadata'])
    expect(free.map(([path]) => path)).toEqual(['/global'])
  })
})

type Node = Readonly<Record<string, unknown>>

/** Yields all parts of a schema with their paths, those that are shared under the names of their definitions. */
function* nodesOf(node: Node, path = ''): Generator<readonly [path: string, node: Node]> {
  yield [path, node]
  for (const keyword of ['properties', 'patternProperties', 'definitions']) {
    for (const [name, inner] of Object.entries((node[keyword] ?? {}) as Readonly<Record<string, Node>>)) {
      yield* nodesOf(inner, `${path}/${name}`)
    }
  }
  for (const keyword of ['items', 'additionalProperties']) {
    const inner = node[keyword]
    if (typeof inner === 'object' && inner !== null) yield* nodesOf(inner as Node, `${path}/${keyword}`)
  }
}

describe('the chart as a part of another one', () => {
  beforeEach(() => {
    mkdirSync(join(folder, 'charts'))
    cpSync(chart, join(folder, 'charts/svidwatch'), { recursive: true })
    const dependency = '{ name: svidwatch, version: "*", condition: svidwatch.enabled }'
    writeFileSync(
      join(folder, 'Chart.yaml'),
      `apiVersion: v2\nname: parent\nversion: 0.1.0\ndependencies: [${dependency}]\n`,
    )
  })

  it('takes what the parent sets for all of its charts', async () => {
    const global = { imageRegistry: 'registry.example', imagePullSecrets: [{ name: 'pull' }], storageClass: 'fast' }
    const { manifests, messages } = await template(folder, { global })
    expect(messages).toBe('')
    expect(manifests).toContain('image: "registry.example/svidwatch:')
    expect(manifests).toContain('- name: pull')
  })

  it('lets the parent switch it off, and on', async () => {
    expect((await template(folder, { svidwatch: { enabled: true } })).manifests).toContain('kind: DaemonSet')
    expect((await template(folder, { svidwatch: { enabled: false } })).manifests.trim()).toBe('')
  })

  it('lets the parent remove defaults', async () => {
    const user = { runAsUser: null, runAsGroup: null, fsGroup: null, supplementalGroups: null }
    const removed = { cluster: { podSecurityContext: user }, node: { resources: { limits: null } } }
    const { manifests, messages } = await template(folder, { svidwatch: removed })
    expect(messages).toBe('')
    expect(manifests).not.toMatch(/runAsUser: 65532|fsGroup: 65532/)
    const nodeLimit = /limits:\n +memory: 192Mi/
    expect((await template(folder, {})).manifests).toMatch(nodeLimit)
    expect(manifests).not.toMatch(nodeLimit)
  })

  it('names the value that it refuses, and itself', async () => {
    const { messages } = await template(folder, { svidwatch: { sise: 'small' } })
    expect(messages).toContain("svidwatch:\n- at '': additional properties 'sise' not allowed\n")
  })
})
