import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { systemClock as clock } from '../../src/clock.ts'
import { certificateRequests } from '../../src/world/apiServer/resources.ts'
import { startFederation } from '../../src/world/federation.ts'
import { nodeRoleService, writeFindingsKeys } from '../../src/world/nodeRoles.ts'
import { startWorld, type World } from '../../src/world/world.ts'
import { folderOf, type About } from './release.ts'

/**
 * Records what a release stores and sends, as the files in test/fixtures/releases/VERSION (release.ts), which later releases must be
 * able to read: the program runs in both roles over the embedded world for half a minute.
 * Usage: `node test/releases/record.ts [CHECKOUT]`; the default is this checkout.
 */
const checkout = resolve(process.argv[2] ?? join(import.meta.dirname, '../..'))
const { version } = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8')) as { readonly version: string }

const lifetimeMs = 30_000
/** How long both roles run, in which each SVID is renewed at least once. */
const runningMs = 25_000
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

/** Stands between the cluster role and a node role, and keeps what they say to each other on the first connection. */
async function recordingProxy(nodeRoleUrl: string) {
  const said = { authorization: '', contentType: '', findings: '' }
  const server = createServer((asked, answer) => {
    const isFirst = said.authorization === ''
    if (isFirst) said.authorization = asked.headers.authorization ?? ''
    const forwarded = request(nodeRoleUrl + (asked.url ?? ''), { headers: asked.headers }, (answered) => {
      if (isFirst) said.contentType = answered.headers['content-type'] ?? ''
      answer.writeHead(answered.statusCode ?? 0, answered.headers)
      answered.on('data', (chunk: Buffer) => {
        if (isFirst) said.findings += chunk.toString()
        answer.write(chunk)
      })
      answered.on('close', () => answer.destroy())
    })
    forwarded.on('error', () => answer.destroy()).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, said, close: () => server.close() }
}

/** Returns the counters and histograms that survive a restart, as a scraper sees them: those that CertificateRequests alone give. */
async function totalsAt(url: string): Promise<string> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const families = text.matchAll(/^# TYPE ((?!spiffe_(?:bundle|federated|pod|svid))spi\w+) (?:counter|histogram)$/gm)
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
  const proxy = await recordingProxy(nodeRole.url)
  world.addNodeRole(node.name, proxy.url)
  const clusterRole = await serve('cluster', folder, {
    kubernetes: { kubeconfig: join(folder, 'kubeconfig') },
    checkpoint: { configMap: 'platform/svidwatch-state', interval: '1s' },
    nodeFindings: { service: `${nodeRoleService.namespace}/${nodeRoleService.name}`, signingKey: keys.signingKey },
    bundleEndpoints: federation.settings,
  })
  const { signal } = new AbortController()
  await clock.sleep(runningMs / 2, signal)
  await world.replacePod('cart-7c5b8d6f49-pm4vd')
  await clock.sleep(runningMs / 2, signal)
  world.stopApprover()
  world.stopIssuer()
  await clock.sleep(settleMs, signal)
  const totals = await totalsAt(clusterRole.url)
  await stop(clusterRole.child)
  await stop(nodeRole.child)
  proxy.close()
  await federation.close()
  const get = async (path: string): Promise<unknown> =>
    (await fetch(api.url + path, { headers: { authorization: `Bearer ${api.token}` } })).json()
  const { data } = (await get('/api/v1/namespaces/platform/configmaps/svidwatch-state')) as { readonly data: unknown }
  const { group, version: apiVersion, plural } = certificateRequests
  const requests = await get(`/apis/${group}/${apiVersion}/${plural}`)
  const { authorization, contentType, findings } = proxy.said
  const publicKeys = await readFile(keys.publicKeys, 'utf8')
  const about: About = { version, endedMs: clock.now(), node: node.name, authorization, publicKeys, contentType }
  await mkdir(into, { recursive: true })
  await writeFile(join(into, 'about.json'), `${JSON.stringify(about, null, 2)}\n`)
  await writeFile(join(into, 'state.json'), `${JSON.stringify(data, null, 2)}\n`)
  await writeFile(join(into, 'requests.json'), `${JSON.stringify(requests, null, 1)}\n`)
  await writeFile(join(into, 'totals.txt'), totals)
  await writeFile(join(into, 'findings.ndjson'), findings)
}

const root = await mkdtemp(join(tmpdir(), 'svidwatch-record-'))
try {
  const world = await startWorld({ clock, root, lifetimeMs })
  await record(world).finally(() => world.close())
} finally {
  await rm(root, { recursive: true })
}
