import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { startTestApi } from '../../support/testApi.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../../..')
const patience = { timeout: 60_000, interval: 100 }

let folder: string
let main: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'svidwatch-build-'))
  main = join(folder, 'dist/main.js')
  await cp(join(root, 'package.json'), join(folder, 'package.json'))
  await run(process.execPath, ['tools/build.ts', join(folder, 'dist')], { cwd: await contextOfImage() })
}, 120_000)
afterAll(() => rm(folder, { recursive: true }))

/** Makes a folder with what the build of the image has: what .dockerignore lets through, and the installed packages. */
async function contextOfImage(): Promise<string> {
  const context = join(folder, 'context')
  const rules = await readFile(join(root, '.dockerignore'), 'utf8')
  const kept = Array.from(rules.matchAll(/^!(.+)$/gm), ([, path = '']) => path)
  await Promise.all(kept.map((path) => cp(join(root, path), join(context, path), { recursive: true })))
  await symlink(join(root, 'node_modules'), join(context, 'node_modules'))
  return context
}

/** Starts the bundled program in a role; resolves with where it serves the metrics. */
async function serve(role: string, settings: object): Promise<string> {
  const file = join(folder, `${role}.yaml`)
  await writeFile(file, JSON.stringify({ server: { port: 0, probePort: 0 }, log: { format: 'json' }, ...settings }))
  const program = spawn(process.execPath, [main, 'serve', '--role', role, '--config', file], {
    env: { ...process.env, NODE_NAME: 'node-1', KUBECONFIG: undefined },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(async () => {
    program.kill()
    if (program.exitCode === null) await once(program, 'exit')
  })
  let log = ''
  program.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()))
  return vi.waitFor(() => {
    const started = /"event":"started".*"url":"([^"]+)"/.exec(log)?.[1]
    if (started === undefined) throw new Error(`it has not started: ${log}`)
    return started
  }, patience)
}

/** Returns the names, in alphabetical order, of the packages of which code is in these files of the bundle. */
async function packagesIn(files: readonly string[]): Promise<readonly string[]> {
  const maps = await Promise.all(files.map((name) => readFile(join(folder, 'dist', `${name}.map`), 'utf8')))
  const sources = maps.flatMap((map) => (JSON.parse(map) as { readonly sources: string[] }).sources)
  const names = sources.flatMap((path) => /node_modules\/(?:.*node_modules\/)?((@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [])
  return [...new Set(names)].toSorted()
}

const metricsAt = async (url: string) => (await fetch(`${url}/metrics`)).text()

test('the bundle has nothing to install beside it', async () => {
  const { stdout } = await run(process.execPath, [main, '--version'], { cwd: folder })
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
  expect(stdout.trim()).toBe(version)
})

test('the bundle has the rules and the dashboards', async () => {
  const { stdout } = await run(process.execPath, [main, 'rules', '--exported-labels'], { cwd: folder })
  expect(stdout).toContain('exported_namespace')
  await run(process.execPath, [main, 'dashboards', '--out', folder], { cwd: folder })
  const [written, shipped] = [join(folder, 'health.json'), join(root, 'dashboards/health.json')]
  expect(await readFile(written, 'utf8')).toBe(await readFile(shipped, 'utf8'))
})

test('the bundled cluster role sees an API server', { timeout: 120_000 }, async () => {
  const api = await startTestApi()
  onTestFinished(() => api.close())
  const kubeconfig = join(folder, 'kubeconfig')
  await writeFile(kubeconfig, api.server.kubeconfig)
  const url = await serve('cluster', { kubernetes: { kubeconfig } })
  await vi.waitFor(async () => {
    expect(await metricsAt(url)).toContain('svidwatch_source_up{source="certificateRequests"} 1')
  }, patience)
})

test('the bundled node role sees its volumes', { timeout: 120_000 }, async () => {
  const kubeletRoot = join(folder, 'kubelet')
  await mkdir(join(kubeletRoot, 'pods'), { recursive: true })
  const url = await serve('node', { mountedSvids: { kubeletRoot } })
  await vi.waitFor(async () => {
    expect(await metricsAt(url)).toContain('svidwatch_source_up{source="mountedSvids"} 1')
  }, patience)
})

test('the bundle has no code that svidwatch never runs, and no letter that doubles what its text takes in memory', async () => {
  const files = (await readdir(join(folder, 'dist'))).filter((name) => name.endsWith('.js'))
  const texts = await Promise.all(files.map((name) => readFile(join(folder, 'dist', name), 'latin1')))
  // The typed API of client-node, undici, ajv, and what OpenTelemetry knows of the machine.
  expect(texts.flatMap((text) => /V1PodSpec|UND_ERR_|strict mode:|machine-id/.exec(text)?.[0] ?? [])).toEqual([])
  expect(texts.flatMap((text) => /[\u0080-\u00ff]+/.exec(text)?.[0] ?? [])).toEqual([])
})

test('the code that sends traces is in files that are loaded on demand alone', async () => {
  const loadedAtFirst = new Set(['main.js'])
  // A set yields what is added to it meanwhile.
  for (const name of loadedAtFirst) {
    const text = await readFile(join(folder, 'dist', name), 'utf8')
    const imports = text.matchAll(/(?:\bfrom|\bimport\(?)"\.\/([^"]+\.js)"/g)
    // Everything else that is loaded on demand counts too: which role needs it does not matter here.
    for (const [, imported = ''] of imports) if (!imported.startsWith('tracing-')) loadedAtFirst.add(imported)
  }
  const packages = await packagesIn([...loadedAtFirst])
  expect(loadedAtFirst.size).toBeGreaterThan(20)
  // prom-client has the API of OpenTelemetry, which sends nothing.
  expect(packages.filter((name) => name.startsWith('@opentelemetry/'))).toEqual(['@opentelemetry/api'])
})

test('the bundle has the license of every package that is in it, with its text', async () => {
  const names = await packagesIn((await readdir(join(folder, 'dist'))).filter((name) => name.endsWith('.js')))
  const text = await readFile(join(folder, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8')
  const listed = Array.from(text.matchAll(/^=+\n(\S+) \S+ \(\S+\)\n=+\n\n(?=[^=])/gm), ([, name]) => name)
  expect(names.length).toBeGreaterThan(10)
  expect([...new Set(listed)].toSorted()).toEqual(names)
})
