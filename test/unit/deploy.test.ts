import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { resolveConfig } from '../../src/config/resolve.ts'

interface Rule {
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  readonly resourceNames?: readonly string[]
}

interface Container {
  readonly command?: readonly string[]
  readonly volumeMounts: readonly { readonly mountPath: string; readonly readOnly?: boolean }[]
}

interface PodSpec {
  readonly containers: readonly Container[]
  readonly shareProcessNamespace?: boolean
}

/** What is looked at of all the kinds in deploy/. */
interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly data?: Readonly<Record<string, string>>
  readonly rules?: readonly Rule[]
  readonly spec?: { readonly template?: { readonly spec: PodSpec } }
}

const manifests = (file: string): readonly Manifest[] =>
  parseAllDocuments(readFileSync(new URL(`../../deploy/${file}`, import.meta.url), 'utf8')).map(
    (document) => document.toJS() as Manifest,
  )

function only(file: string, kind: string): Manifest {
  const [first, ...others] = manifests(file).filter((manifest) => manifest.kind === kind)
  if (first === undefined || others.length > 0) throw new Error(`${file} must have one ${kind}`)
  return first
}

/** The settings of a role as they are deployed, and the folders that are mounted into its container. */
function deployed(file: string, workload: string) {
  const text = only(file, 'ConfigMap').data?.['svidwatch.yaml']
  const resolved = resolveConfig(text, file)
  if (!('config' in resolved)) throw new Error(resolved.problems.join('\n'))
  const [container] = only(file, workload).spec?.template?.spec.containers ?? []
  if (container === undefined) throw new Error(`the ${workload} in ${file} must have a container`)
  return { config: resolved.config, container, folders: container.volumeMounts.map(({ mountPath }) => `${mountPath}/`) }
}

test('the cluster role follows the Service of the node roles, with a key that is mounted', () => {
  const { config, folders } = deployed('cluster.yaml', 'Deployment')
  const { name, namespace } = only('node.yaml', 'Service').metadata
  expect(config.nodeFindings.service).toEqual({ namespace, name })
  expect(folders.filter((folder) => config.nodeFindings.signingKey?.startsWith(folder))).toHaveLength(1)
})

test('the node role has its keys and the pods mounted, read-only, and may read no other folder but its own', () => {
  const { config, container, folders } = deployed('node.yaml', 'DaemonSet')
  const paths = [config.nodeFindings.publicKeys ?? '', `${config.mountedSvids.kubeletRoot}/pods/`]
  expect(paths.map((path) => folders.filter((folder) => path.startsWith(folder)).length)).toEqual([1, 1])
  expect(container.volumeMounts.filter(({ readOnly }) => readOnly !== true)).toEqual([])

  const flag = '--allow-fs-read='
  const readable = (container.command ?? []).flatMap((word) => (word.startsWith(flag) ? [word.slice(flag.length)] : []))
  const isReadable = (folder: string) => readable.some((path) => path.endsWith('/') && folder.startsWith(path))
  expect(container.command).toContain('--permission')
  expect(folders.filter((folder) => !isReadable(folder))).toEqual([])
  const isNeeded = (path: string) => path === '/svidwatch/' || folders.some((folder) => folder.startsWith(path))
  expect(readable.filter((path) => !isNeeded(path) && !path.startsWith('/proc/self/'))).toEqual([])
})

test.each([
  ['cluster.yaml', 'Deployment'],
  ['node.yaml', 'DaemonSet'],
])('the process of %s is not the first one of its container, which no signal of its own can end', (file, workload) => {
  expect(only(file, workload).spec?.template?.spec.shareProcessNamespace).toBe(true)
})

test.each([['rbac.yaml'], ['namespaces.yaml']])(
  '%s grants no Secret, and the writing of one ConfigMap alone',
  (file) => {
    const rules = manifests(file).flatMap((manifest) => manifest.rules ?? [])
    expect(rules.flatMap(({ resources }) => resources).filter((name) => name === 'secrets' || name === '*')).toEqual([])
    const others = rules.filter(({ verbs }) => verbs.some((verb) => verb !== 'list' && verb !== 'watch'))
    expect(others).toMatchObject([
      { resources: ['configmaps'], verbs: ['create'] },
      { resources: ['configmaps'], resourceNames: ['svidwatch-state'], verbs: ['get', 'update'] },
    ])
  },
)

test('the rights in namespaces are Roles, each bound to svidwatch in its namespace', () => {
  const [bindings, others] = ['RoleBinding', 'Role'].map((kind) =>
    manifests('namespaces.yaml').flatMap((manifest) => (manifest.kind === kind ? [manifest.metadata] : [])),
  )
  expect(bindings).toEqual(others)
  const kinds = new Set(manifests('namespaces.yaml').map(({ kind }) => kind))
  expect([...kinds]).toEqual(['ServiceAccount', 'Role', 'RoleBinding'])
})
