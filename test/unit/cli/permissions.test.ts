import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getuid, platform } from 'node:process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { systemClock as clock } from '../../../src/clock.ts'
import { startFederation } from '../../../src/world/federation.ts'
import { nodeRoleService, writeFindingsKeys } from '../../../src/world/nodeRoles.ts'
import { startWorld, type World } from '../../../src/world/world.ts'
import { startCollector } from '../../support/collector.ts'
import { eventually } from '../../support/eventually.ts'
import { familiesIn, samplesOf } from '../../support/exposition.ts'
import { runningApp, values } from '../../support/runningApp.ts'
import { spawnProgram, temporaryFolder, type SpawnOptions } from '../../support/spawnedProgram.ts'

const root = join(import.meta.dirname, '../../..')

/** The folder of the program, as in the image. */
let program: string
beforeAll(async () => {
  program = await mkdtemp(join(tmpdir(), 'svidwatch-permissions-'))
  await cp(join(root, 'package.json'), join(program, 'package.json'))
  await promisify(execFile)(process.execPath, ['tools/build.ts', join(program, 'dist')], { cwd: root })
}, 120_000)
afterAll(() => rm(program, { recursive: true }))

const readable = (...paths: readonly string[]) => paths.map((path) => `--allow-fs-read=${path}`)

/** The flags of a cluster role with its settings and all files that they name in `folder`. */
const flagsFor = (folder: string) => [
  '--permission',
  // The program, as /svidwatch/ in the image, and what is mounted below /etc/svidwatch/.
  ...readable(`${program}/`, `${folder}/`),
  // process_open_fds and process_max_fds.
  ...readable('/proc/self/fd', '/proc/self/limits'),
]

/** Starts the built cluster role over a world. Everything that it can read from files is in the folder of its settings. */
async function startCluster(
  world: World,
  { settings = {}, ...options }: Partial<SpawnOptions> & { readonly folder: string },
) {
  await writeFile(join(options.folder, 'kubeconfig'), world.api.kubeconfig)
  return spawnProgram({
    role: 'cluster',
    main: join(program, 'dist/main.js'),
    settings: { kubernetes: { kubeconfig: join(options.folder, 'kubeconfig') }, ...settings },
    ...options,
  })
}

type Started = Awaited<ReturnType<typeof startCluster>>

async function startedWorld(): Promise<World> {
  const world = await startWorld({ clock, root: tmpdir() })
  onTestFinished(() => world.close())
  return world
}

/** Returns the families that have series. Fails unless the program sees all its sources and node roles, and has committed. */
function familiesOf(text: string): readonly string[] {
  for (const isUp of ['svidwatch_source_up', 'svidwatch_node_up']) expect(values(text, isUp)).not.toContain(0)
  expect(values(text, 'svidwatch_checkpoint_last_success_timestamp_seconds')).toHaveLength(1)
  return familiesIn(text).filter((family) => samplesOf(text, family)?.length !== 0)
}

/** What a program has written that a missing permission or a fault can have caused. */
const complaintsOf = ({ lines, errors }: Started): readonly string[] => [
  ...lines().flatMap(({ level, message }) =>
    level === 'error' || /restricted|permission/i.test(message) ? [message] : [],
  ),
  ...(errors() === '' ? [] : [errors()]),
]

test('the cluster role with every feature needs its own folder, its settings and two files of its process', async () => {
  const world = await startedWorld()
  const folder = await temporaryFolder()
  const federation = await startFederation({ clock, folder: join(folder, 'federation') })
  onTestFinished(() => federation.close())
  const { signingKey, publicKeys } = await writeFindingsKeys(folder)
  const kubeletRoot = join(world.folder, 'node-1')
  const nodeSettings = { mountedSvids: { kubeletRoot }, nodeFindings: { publicKeys } }
  const node = await runningApp(['node'], nodeSettings, { clock, nodeName: 'node-1' })
  world.addNodeRole('node-1', node.url)
  const service = `${nodeRoleService.namespace}/${nodeRoleService.name}`
  const settings = {
    nodeFindings: { service, signingKey },
    bundleEndpoints: federation.settings,
    checkpoint: { configMap: 'svidwatch/svidwatch-state', interval: '1s' },
  }
  const free = await startCluster(world, { folder, settings })
  const restricted = await startCluster(world, { folder, settings, flags: flagsFor(folder) })
  await eventually(async () => {
    const text = await restricted.metrics()
    expect(values(text, 'svidwatch_node_up')).toEqual([1])
    expect(values(text, 'spiffe_bundle_up').toSorted()).toEqual([0, 1]) // One partner of the world is stuck.
    expect(familiesOf(text)).toEqual(familiesOf(await free.metrics()))
  })
  expect(complaintsOf(restricted)).toEqual([])
  expect(await restricted.stop()).toEqual([0, null])
})

test.each([
  ['/proc/self/fd', 'process_open_fds'],
  ['/proc/self/limits', 'process_max_fds'],
])('without the permission to read %s, %s alone is missing', async (path, family) => {
  const world = await startedWorld()
  const folder = await temporaryFolder()
  const flags = flagsFor(folder)
  const settings = { checkpoint: { configMap: 'svidwatch/svidwatch-state' } }
  const [all, fewer] = [flags, flags.filter((flag) => flag !== `--allow-fs-read=${path}`)]
  const started = [
    await startCluster(world, { folder, settings, flags: all }),
    await startCluster(world, { folder, settings, flags: fewer }),
  ] as const
  await eventually(async () => {
    const families = familiesOf(await started[0].metrics())
    expect(families).toContain(family)
    expect(familiesOf(await started[1].metrics())).toEqual(families.filter((name) => name !== family))
  })
})

test('traces need the permission to read the file with their headers, and no other', async () => {
  const world = await startedWorld()
  const folder = await temporaryFolder()
  const elsewhere = await temporaryFolder()
  const collectors = [await startCollector(), await startCollector()] as const
  const env = { OTEL_BSP_SCHEDULE_DELAY: '100', OTEL_EXPORTER_OTLP_COMPRESSION: 'none' }
  const start = async (collector: (typeof collectors)[number], headersFile: string) => {
    await writeFile(headersFile, 'Authorization: Bearer one')
    const settings = {
      tracing: { endpoint: collector.url, headersFile },
      checkpoint: { configMap: 'svidwatch/svidwatch-state' },
    }
    return startCluster(world, { folder, settings, env, flags: flagsFor(folder) })
  }
  const started = await start(collectors[0], join(folder, 'headers'))
  const withoutFile = await start(collectors[1], join(elsewhere, 'headers'))
  await eventually(() => {
    for (const collector of collectors) expect(collector.spans().map(({ name }) => name)).toContain('svid.rotation')
  })
  expect(collectors.map(({ headers: [first] }) => first?.authorization)).toEqual(['Bearer one', undefined])
  expect(complaintsOf(started)).toEqual([])
  expect(complaintsOf(withoutFile)).toEqual([
    expect.stringContaining(`traces: cannot read the headers in ${join(elsewhere, 'headers')}: `),
  ])
  expect(await started.stop()).toEqual([0, null])
})

test('a state file needs the permission to write into its folder', async () => {
  const world = await startedWorld()
  const folder = await temporaryFolder()
  const state = await temporaryFolder()
  const settings = { checkpoint: { file: join(state, 'state.json'), interval: '1s' } }
  const read = [...flagsFor(folder), ...readable(`${state}/`)]
  const committed = async ({ metrics }: Started) =>
    values(await metrics(), 'svidwatch_checkpoint_last_success_timestamp_seconds').length
  const started = await startCluster(world, { folder, settings, flags: [...read, `--allow-fs-write=${state}/`] })
  await eventually(async () => expect(await committed(started)).toBe(1))
  expect(complaintsOf(started)).toEqual([])
  await started.stop()
  expect(JSON.parse(await readFile(join(state, 'state.json'), 'utf8'))).toHaveProperty(['checkpoint.json'])

  const other = await startCluster(world, { folder, settings, flags: read })
  await eventually(() =>
    expect(complaintsOf(other).join()).toContain(`state file ${state}/state.json cannot be written`),
  )
})

/** The folder of a pod's service account. In the image, /var/run is a symlink to /run. */
const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount'

/** A script that runs a program as in a pod: with a service account, and with nothing else in /run. */
const asPod = `mount -t tmpfs none /run && mkdir -p ${serviceAccount} && cp -r "$0"/. ${serviceAccount} && exec "$@"`

test.skipIf(platform !== 'linux' || getuid?.() !== 0)(
  'a pod needs the folder of its service account by the name that it has there (needs root)',
  async () => {
    const world = await startedWorld()
    const [folder, account] = [await temporaryFolder(), await temporaryFolder()]
    await writeFile(join(account, 'token'), world.api.token)
    await writeFile(join(account, 'namespace'), 'svidwatch')
    await writeFile(
      join(folder, 'pod.kubeconfig'),
      world.api.kubeconfig.replace(
        /token: .*/,
        // What client-node makes of a service account.
        `auth-provider: {name: tokenFile, config: {tokenFile: ${serviceAccount}/token}}`,
      ),
    )
    const wrapper = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', asPod, account]
    const settings = { kubernetes: { kubeconfig: join(folder, 'pod.kubeconfig') }, checkpoint: { interval: '1s' } }
    const flags = [...flagsFor(folder), ...readable(`${serviceAccount}/`)]
    const started = await startCluster(world, { folder, settings, flags, wrapper })
    await eventually(async () => {
      const text = await started.metrics()
      expect(values(text, 'svidwatch_source_up', 'source="certificateRequests"')).toEqual([1])
      expect(values(text, 'svidwatch_checkpoint_last_success_timestamp_seconds')).toHaveLength(1)
    })
    expect(complaintsOf(started)).toEqual([])
    expect(await started.stop()).toEqual([0, null])
    const withoutAccount = startCluster(world, { folder, settings, flags: flagsFor(folder), wrapper })
    await expect(withoutAccount).rejects.toThrow(/cannot read \/var\/run\/\S+, which names the namespace of the state/)
  },
)
