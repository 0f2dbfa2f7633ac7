import { expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { resolveConfig } from '../../../../src/config/resolve.ts'
import { renderConfigurationPage } from '../../../../tools/docs/configurationPage.ts'

const page = renderConfigurationPage()
const example = /```yaml\n(.*?)```/s.exec(page)?.[1] ?? ''
const rows = [
  ...page.matchAll(/^\| `(?<path>[^`]+)` +\| (?<value>[^|]+) \| (?<fallback>[^|]+) \| (?<help>[^|]+) \|$/gm),
]

const described = rows.map((row) => row.groups?.['path'] ?? '')

/** They exclude settings that are in the example. */
const excluded = [
  'bundleEndpoints[].certificateAuthorities',
  'checkpoint.file',
  'nodeFindings.signingSecret',
  'nodeFindings.publicKeysConfigMap',
]

/** The settings of a YAML value, as the page names them: `files[].certificate`. */
function pathsOf(value: unknown, path = ''): readonly string[] {
  if (described.includes(path)) return [path]
  if (Array.isArray(value) && typeof value[0] === 'object') return pathsOf(value[0], `${path}[]`)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path]
  return Object.entries(value).flatMap(([name, inner]) => pathsOf(inner, path === '' ? name : `${path}.${name}`))
}

it('shows an example that svidwatch accepts', () => {
  expect(resolveConfig(example, 'example')).toHaveProperty('config')
})

it('describes exactly the settings of the example and those that they exclude, each with what it may be, what it is by default and what it means', () => {
  expect(described.sort()).toEqual([...pathsOf(parse(example)), ...excluded].sort())
  expect(
    rows.map(({ groups }) => [groups?.['value'], groups?.['fallback'], groups?.['help']].map((cell) => cell?.trim())),
  ).not.toContain('')
})

it('names defaults that are the ones in force', () => {
  const defaults = rows.flatMap(({ groups }) => {
    const value = /^`([^`]*)`$/.exec(groups?.['fallback'] ?? '')?.[1]
    return value === undefined ? [] : [[groups?.['path'] ?? '', JSON.parse(value) as unknown] as const]
  })
  const given: Record<string, unknown> = {}
  for (const [path, value] of defaults) {
    const [section = '', name] = path.split('.')
    given[section] = name === undefined ? value : { ...(given[section] as object | undefined), [name]: value }
  }
  expect(resolveConfig(stringify(given), 'defaults')).toEqual(resolveConfig(undefined, 'none'))
})
