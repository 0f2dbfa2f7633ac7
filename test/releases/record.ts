import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { systemClock as clock } from '../../src/clock.ts'
import { TokenSigner } from '../../src/nodeStream/tokens.ts'
import { certificateRequests } from '../../src/world/apiServer/resources.ts'
import { startFederation } from '../../src/world/federation.ts'
import { nodeRoleService, writeFindingsKeys, type FindingsKeys } from '../../src/world/nodeRoles.ts'
import { startWorld, type World } from '../../src/world/world.ts'
import { realFiles } from '../support/realFiles.ts'
import { folderOf, type About } from './release.ts'

/**
 * Records what a release stores and sends, as the files in test/fixtures/releases/VERSION (release.ts), which later releases must be
 * able to read: the program runs in both roles over the embedded world for half a minute.
 * Usage: `node test/releases/record.ts [CHECKOUT]`; the default is this checkout.
 */
const checkout = resolve(process.argv[2] ?? join(import.meta.dirname, '../..'))
const { version } = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8')) as { readonly version: string }

const lifetimeMs = 30_000
/** How long the findings are recorded, in which each SVID is renewed at least once. */
const streamMs = 25_000
/** How long the program goes on after the last request has ended, so that it commits all of them. */
const settleMs = 5_000

/** Starts `svidwatch serve` with the settings; resolves with where it serves its metrics. */
async function serve(role: string, folder: string, settings: object): Promise<{ url: string; child: ChildProcess }> {
  const file = join(folder, `${role}.yaml`)
  const server = { address: '127.0.0.1', port: 0, probePort: 0 }
  await writeFile(file, JSON.stringify({ server, log: { format: 'json' }, ...settings }))
  const args = [join(checkout, 'src/cli/main.ts'), 'serve', '--role', role, '--config', file]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface({ input: child.stdout })) {
    const { event, url } = JSON.parse(line) as { readonly event: string; readonly url: string }
    if (event !== 'started') continue
    child.stdout.resume()
    return { url, child }
  }
  throw new Error(`the ${role} role has ended before it has started`)
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM')
  await once(child, 'exit')
}

/** Reads the findings of a node role for `streamMs`, while a pod is replaced. */
async function readFindings(world: World, url: string, node: string, { signingKey }: FindingsKeys) {
  const token = await new TokenSigner(signingKey, clock, realFiles).tokenFor(node)
  const over = new AbortController()
  void clock.sleep(streamMs, over.signal).then(() => over.abort())
  const headers = { authorization: `Bearer ${token}` }
  const answer = await fetch(`${url}/api/v1/findings`, { headers, signal: over.signal })
  await world.replacePod('cart-7c5b8d6f49-pm4vd')
  let text = ''
  try {
    for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) text += chunk
  } catch (error) {
    if (!over.signal.aborted) throw error
  }
  return { contentType: answer.headers.get('content-type') ?? '', text: text.slice(0, text.lastIndexOf('\n') + 1) }
}

/** Returns the counters and histograms that survive a restart, all but those of bundle endpoints, as a scraper sees them. */
async function totalsAt(url: string): Promise<string> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const families = text.matchAll(/^# TYPE ((?!spiffe_bundle)spi\w+) (?:counter|histogram)$/gm)
  const names = Array.from(families, ([, name = '']) => name)
  const lines = text.split('\n').filter((line) => names.some((name) => line.startsWith(name)))
  return lines.map((line) => `${line}\n`).join('')
}

async function record(world: World): Promise<void> {
  const { folder, api } = world
  const into = folderOf(version)
  const keys = await writeFindingsKeys(folder)
  const federation = await startFederation({ clock, folder: join(folder, 'federation') })
  await writeFile(join(folder, 'kubeconfig'), api.kubeconfig)
  const [node] = world.nodes
  if (node === undefined) throw new Error('the world has no node')
  const nodeFindings = { publicKeys: keys.publicKeys, nodeName: node.name }
  const nodeRole = await serve('node', folder, { mountedSvids: { kubeletRoot: node.kubeletRoot }, nodeFindings })
  world.addNodeRole(node.name, nodeRole.url)
  const clusterRole = await serve('cluster', folder, {
    kubernetes: { kubeconfig: join(folder, 'kubeconfig') },
    checkpoint: { configMap: 'platform/svidwatch-state', interval: '1s' },
    nodeFindings: { service: `${nodeRoleService.namespace}/${nodeRoleService.name}`, signingKey: keys.signingKey },
    bundleEndpoints: federation.settings,
  })
  const { contentType, text } = await readFindings(world, nodeRole.url, node.name, keys)
  world.stopApprover()
  world.stopIssuer()
  await clock.sleep(settleMs, new AbortController().signal)
  const totals = await totalsAt(clusterRole.url)
  await stop(clusterRole.child)
  await stop(nodeRole.child)
  await federation.close()
  const get = async (path: string): Promise<unknown> =>
    (await fetch(api.url + path, { headers: { authorization: `Bearer ${api.token}` } })).json()
  const { data } = (await get('/api/v1/namespaces/platform/configmaps/svidwatch-state')) as { readonly data: unknown }
  const { group, version: apiVersion, plural } = certificateRequests
  const requests = await get(`/apis/${group}/${apiVersion}/${plural}`)
  const about: About = { version, endedMs: clock.now(), contentType }
  await mkdir(into, { recursive: true })
  await writeFile(join(into, 'about.json'), `${JSON.stringify(about, null, 2)}\n`)
  await writeFile(join(into, 'state.json'), `${JSON.stringify(data, null, 2)}\n`)
  await writeFile(join(into, 'requests.json'), `${JSON.stringify(requests, null, 1)}\n`)
  await writeFile(join(into, 'totals.txt'), totals)
  await writeFile(join(into, 'findings.ndjson'), text)
}

const root = await mkdtemp(join(tmpdir(), 'svidwatch-record-'))
try {
  const world = await startWorld({ clock, root, lifetimeMs })
  await record(world).finally(() => world.close())
} finally {
  await rm(root, { recursive: true })
}
