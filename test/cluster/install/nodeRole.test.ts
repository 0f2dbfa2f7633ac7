import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../support/shell.ts'
import { processOf, sees, type ContainerProcess } from './support/containers.ts'
import { image, Release } from './support/release.ts'
import { deleteNamespaces, startWorkloads } from './support/workload.ts'

const workload = 'svidwatch-node-role'
const token = '/var/run/secrets/kubernetes.io/serviceaccount/token'

let release: Release
let cluster: ContainerProcess
let node: ContainerProcess

describe.skipIf(image === '')('the processes of a release', () => {
  beforeAll(async () => {
    await Release.remove()
    await deleteNamespaces([workload])
    await startWorkloads([workload])
    release = await Release.install()
    cluster = await processOf((await release.pod('cluster')).name)
    node = await processOf((await release.pod('node')).name)
  })

  afterAll(async () => {
    await Release.remove()
    await deleteNamespaces([workload])
  })

  it.each(['cluster', 'node'] as const)(
    'have no capability, gain no privileges, and write nowhere: the %s role',
    (role) => {
      const { mounts, args, ...of } = { cluster, node }[role]
      console.log(`${role} role: uid ${of.uid}, ${Math.round(of.rssKiB / 1024)} MiB resident`)
      expect(of).toMatchObject({ effectiveCapabilities: '0000000000000000', noNewPrivileges: true, seccomp: 2 })
      expect(of.uid).toBe(role === 'cluster' ? 65532 : 0)
      expect(args).toContain('--permission')
      expect(args.filter((arg) => arg.startsWith('--allow') && !arg.startsWith('--allow-fs-read='))).toEqual([])
      expect(mounts.get('/')).toContain('ro')
    },
  )

  it('have an API token in the cluster role alone', async () => {
    expect(await sees(cluster.pid, token)).toBe(true)
    expect(await sees(node.pid, '/var/run/secrets')).toBe(false)
    expect([...node.mounts.keys()].filter((mount) => mount.includes('secrets'))).toEqual([])
  })

  it('see the folder of the pods in the node role alone, read-only', () => {
    const ofPods = ({ mounts }: ContainerProcess) => mounts.get('/var/lib/kubelet/pods')
    expect(ofPods(cluster)).toBeUndefined()
    expect(ofPods(node)).toContain('ro')
  })

  it('read the SVIDs of pods from there all the same', async () => {
    await until('the SVID', 30, async () =>
      (await release.samples('node', 'svidwatch_source_up')).every(({ value }) => value === 1) &&
      (await release.ask('node', '/api/v1/svids')).includes('spiffe://')
        ? true
        : undefined,
    )
  })

  it('say in one line of the log and in one metric what the node role cannot read as another user', async () => {
    const { name } = await release.pod('node')
    await release.change({ node: { podSecurityContext: { runAsUser: 65532, runAsGroup: 65532 } } })
    await until('another pod', 60, async () => {
      const pods = await release.pods('node')
      return pods.length === 1 && pods[0]?.name !== name ? true : undefined
    })
    const lines = await until('a line that says so', 30, async () => {
      const lines = await release.logOf('node')
      return lines.some((line) => line.includes('may not read')) ? lines : undefined
    })
    const denied = lines.filter((line) => line.includes('may not read'))
    console.log(denied.join('\n'))
    expect(denied).toHaveLength(1)
    expect(denied[0]).toContain('uid 65532 may not read /var/lib/kubelet/pods')
    expect(denied[0]).toContain('run the node role as uid 0, which needs no capabilities')
    const blind = await release.samples('node', 'svidwatch_source_up')
    expect(blind).toEqual([{ labels: { source: 'mountedSvids' }, value: 0 }])
    expect((await processOf((await release.pod('node')).name)).uid).toBe(65532)
  })
})
