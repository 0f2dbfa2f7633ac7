import { expect, it } from 'vitest'
import { parseRoles } from '../../../src/config/roles.ts'

it.each([
  ['cluster', ['cluster']],
  ['cluster,node', ['cluster', 'node']],
  ['node, cluster', ['node', 'cluster']],
  ['standalone', ['standalone']],
])('--role %s is accepted', (text, roles) => {
  expect(parseRoles(text)).toEqual({ roles })
})

it.each(['', 'nodes', 'cluster,', 'node,node', 'cluster,standalone', 'CLUSTER'])('--role %j is refused', (text) => {
  expect(parseRoles(text)).toEqual({
    problem: `must be cluster, node, both separated by a comma, or standalone (got ${JSON.stringify(text)})`,
  })
})
