import { describe, expect, it } from 'vitest'
import {
  compareRights,
  requestsOf,
  type RbacObject,
  type RbacRule,
} from '../../cluster/install/support/auditedRights.ts'

const account = { namespace: 'svidwatch', name: 'svidwatch' }
const subjects = [{ kind: 'ServiceAccount', ...account }]

/** A line of an audit log, as an API server of Kubernetes 1.35 writes it. */
const line = (verb: string, requestURI: string, objectRef?: object, code = 200, username = 'svidwatch:svidwatch') =>
  JSON.stringify({
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    stage: 'ResponseComplete',
    requestURI,
    verb,
    user: { username: `system:serviceaccount:${username}`, groups: ['system:serviceaccounts'] },
    ...(objectRef && { objectRef: { apiVersion: 'v1', ...objectRef } }),
    responseStatus: { metadata: {}, code },
    requestReceivedTimestamp: '2026-11-30T17:01:31.869739Z',
  }) + '\n'

const listPods = line('list', '/api/v1/pods?limit=500', { resource: 'pods' })
const listPodsIn = (namespace: string) =>
  line('list', `/api/v1/namespaces/${namespace}/pods`, { resource: 'pods', namespace })
const getState = line('get', '/api/v1/namespaces/svidwatch/configmaps/svidwatch-state', {
  resource: 'configmaps',
  namespace: 'svidwatch',
  name: 'svidwatch-state',
})

const clusterWide = (rule: RbacRule): readonly RbacObject[] => [
  { kind: 'ClusterRole', metadata: { name: 'r' }, rules: [rule] },
  { kind: 'ClusterRoleBinding', metadata: { name: 'b' }, roleRef: { kind: 'ClusterRole', name: 'r' }, subjects },
]
const inNamespace = (namespace: string, rule: RbacRule): readonly RbacObject[] => [
  { kind: 'Role', metadata: { name: 'r', namespace }, rules: [rule] },
  { kind: 'RoleBinding', metadata: { name: 'b', namespace }, roleRef: { kind: 'Role', name: 'r' }, subjects },
]
const pods = (...verbs: string[]): RbacRule => ({ apiGroups: [''], resources: ['pods'], verbs })
const state = (...verbs: string[]): RbacRule => ({
  apiGroups: [''],
  resources: ['configmaps'],
  resourceNames: ['svidwatch-state'],
  verbs,
})

const compare = (objects: readonly RbacObject[], log: string) =>
  compareRights(account, objects, requestsOf(account, log))

describe('the comparison of rights with requests', () => {
  it('finds nothing wrong where each right was used', () => {
    const objects = [...clusterWide(pods('list')), ...inNamespace('svidwatch', state('get'))]
    const { requests, ...findings } = compare(objects, listPods + getState + getState)
    expect(findings).toEqual({ unused: [], tooWide: [], forbidden: [], beyond: [] })
    expect([...requests]).toEqual([
      ['get configmaps svidwatch-state in svidwatch', 2],
      ['list pods in *', 1],
    ])
  })

  it('names each right that was not used, by verb, resource, name and namespace', () => {
    const objects = [...clusterWide(pods('list', 'watch')), ...inNamespace('svidwatch', state('get', 'update'))]
    expect(compare(objects, listPods).unused).toEqual([
      'watch pods in *',
      'get configmaps svidwatch-state in svidwatch',
      'update configmaps svidwatch-state in svidwatch',
    ])
  })

  it('counts a right in one namespace as unused by a request in another', () => {
    const objects = [...inNamespace('team-a', pods('list')), ...inNamespace('team-b', pods('list'))]
    expect(compare(objects, listPodsIn('team-a')).unused).toEqual(['list pods in team-b'])
  })

  it('takes a ClusterRole that a RoleBinding binds for rights in its namespace', () => {
    const objects: readonly RbacObject[] = [
      { kind: 'ClusterRole', metadata: { name: 'r' }, rules: [pods('list')] },
      {
        kind: 'RoleBinding',
        metadata: { name: 'b', namespace: 'team-a' },
        roleRef: { kind: 'ClusterRole', name: 'r' },
        subjects,
      },
    ]
    expect(compare(objects, listPodsIn('team-b')).unused).toEqual(['list pods in team-a'])
  })

  it('tells what was forbidden, and does not count it as a use', () => {
    const refused = line('list', '/api/v1/nodes', { resource: 'nodes' }, 403)
    const objects = clusterWide({ apiGroups: [''], resources: ['nodes'], verbs: ['list'] })
    expect(compare(objects, refused)).toMatchObject({ forbidden: ['list nodes in *'], unused: ['list nodes in *'] })
  })

  it('tells what was allowed by rights from elsewhere', () => {
    const log =
      line('get', '/version') + line('get', '/api/v1/namespaces/a/pods/p/log', { resource: 'pods', subresource: 'log' })
    expect(compare(clusterWide(pods('get')), log).beyond).toEqual(['get /version', 'get pods/log in *'])
  })

  it('finds a right in all namespaces of which one is used, and one for all objects of which one is used', () => {
    expect(compare(clusterWide(pods('list')), listPodsIn('team-a')).tooWide).toEqual(['list pods in *'])
    const all: RbacRule = { apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }
    expect(compare(inNamespace('svidwatch', all), getState).tooWide).toEqual(['get configmaps in svidwatch'])
  })

  it('finds a right with a wildcard', () => {
    const objects = clusterWide({ apiGroups: ['*'], resources: ['*'], verbs: ['*'] })
    expect(compare(objects, listPods)).toMatchObject({ unused: [], tooWide: ['* */* in *'] })
  })

  it('leaves out other accounts, roles that are not bound to this one, and a line that is still being written', () => {
    const log = line('list', '/api/v1/pods', { resource: 'pods' }, 200, 'svidwatch:other') + listPods.slice(0, -20)
    const others = clusterWide(pods('list')).map((object) =>
      object.subjects
        ? { ...object, subjects: [{ kind: 'ServiceAccount', name: 'other', namespace: 'svidwatch' }] }
        : object,
    )
    const { requests, ...findings } = compare(others, log)
    expect(findings).toEqual({ unused: [], tooWide: [], forbidden: [], beyond: [] })
    expect(requests.size).toBe(0)
  })

  it('throws if a binding names a role that is not there', () => {
    const [, binding] = clusterWide(pods('list'))
    expect(() => compare(binding ? [binding] : [], '')).toThrow('b binds r, which is not there')
  })
})
