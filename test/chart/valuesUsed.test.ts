import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { flattened, isSection, type Section, type Value, type Values } from '../../tools/chart/value.ts'
import { roles } from '../../tools/chart/values/roles.ts'
import { values } from '../../tools/chart/values.ts'
import { template, type Rendering } from './support/helm.ts'
import { nested } from './support/nested.ts'
import { chart, type Values as Given } from './support/render.ts'

/** Only a parent chart reads it. */
const withoutEffect = ['enabled']

const endpoint = { trustDomain: 'partner.example', url: 'https://partner.example', profile: 'https_web' }

/** What the effect of a value needs beside it, by the beginning of its path. */
const company: Readonly<Record<string, readonly (readonly [path: string, value: unknown])[]>> = {
  networkPolicy: [['networkPolicy.enabled', true]],
  'networkPolicy.dns': [['settings.bundleEndpoints', [endpoint]]],
  'node.tolerations': [['node.tolerateAll', false]],
  'nodeFindings.service': [['node.enabled', false]],
  'keys.signingSecret': [['keys.publicKeysConfigMap', 'keys']],
  'serviceAccount.create': [['serviceAccount.name', 'reader']],
}

describe('every value', () => {
  it.each(flattened(values).filter(([path]) => !withoutEffect.includes(path)))(
    '%s has an effect',
    async (path, value) => {
      const beside = Object.entries(company).flatMap(([beginning, entries]) =>
        path.startsWith(beginning) ? entries : [],
      )
      const others = beside.filter(([other]) => other !== path)
      const { manifests, messages } = await template(chart, nested([...others, [path, value.example]]))
      expect(messages).toBe('')
      expect(manifests).not.toBe((await baseOf(nested(others))).manifests)
    },
  )
})

const rendered = new Map<string, Promise<Rendering>>()

/** Renders values once, because most values need the same ones beside them. */
function baseOf(given: Given): Promise<Rendering> {
  const key = JSON.stringify(given)
  const rendering = rendered.get(key) ?? template(chart, given)
  rendered.set(key, rendering)
  return rendering
}

describe('the templates', () => {
  const folder = join(chart, 'templates')
  const text = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(yaml|tpl|txt)$/.test(name))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n')

  it('read only values that are declared', () => {
    const read = new Set([...text.matchAll(/\.Values\.([\w.]*\w)/g)].map(([, path = '']) => path))
    expect(read.size).toBeGreaterThan(50)
    expect([...read].filter((path) => !isDeclared(path.split('.'), values))).toEqual([])
  })

  it('read only values of the roles that are declared', () => {
    const read = new Set([...text.matchAll(/\$role\.(\w+)/g)].map(([, name = '']) => name))
    const declared = [roles.cluster, roles.node].flatMap((role) =>
      role !== undefined && isSection(role) ? Object.keys(role.values) : [],
    )
    expect(read.size).toBeGreaterThan(10)
    expect([...read].filter((name) => !declared.includes(name))).toEqual([])
  })
})

/** Reports whether a path leads to a value, a section, or something in a value that is a mapping. */
function isDeclared([name = '', ...rest]: readonly string[], within: Values): boolean {
  const item: Value | Section | undefined = within[name]
  if (item === undefined) return false
  if (rest.length === 0) return true
  return isSection(item) ? isDeclared(rest, item.values) : item.type.schema.type === 'object'
}
