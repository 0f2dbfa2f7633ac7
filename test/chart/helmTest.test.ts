import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { at, find, render } from './support/render.ts'

interface Container {
  readonly command: readonly string[]
  readonly env: readonly { readonly name: string; readonly value: string }[]
}

let container: Container
beforeAll(async () => {
  container = at(find(await render(), 'Pod svidwatch/svidwatch-test'), 'spec containers 0') as Container
})

/** Starts a server that gives each path its text, and status 503 to those without one. Resolves with its port. */
async function serve(pages: Readonly<Record<string, string>>): Promise<string> {
  const server = createServer((request, response) => {
    const page = pages[request.url ?? '']
    response.writeHead(page === undefined ? 503 : 200).end(page ?? 'waiting for pods\n')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return String((server.address() as AddressInfo).port)
}

/** Runs the container of `helm test` against a svidwatch with these pages. Resolves with its exit code and what it printed. */
async function helmTest(pages: Readonly<Record<string, string>>): Promise<{ code: unknown; printed: string }> {
  const port = await serve(pages)
  const given = Object.fromEntries(container.env.map(({ name, value }) => [name, value]))
  const [, ...args] = container.command
  const child = spawn(process.execPath, args, {
    env: { ...given, HOST: '127.0.0.1', METRICS_PORT: port, PROBES_PORT: port, DEADLINE_SECONDS: '0' },
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  const [code] = (await once(child, 'close')) as readonly unknown[]
  return { code, printed }
}

const families = [
  'spire_svid_expiry_seconds',
  'spire_attestation_success_total',
  'spire_attestation_failure_total',
  'spire_server_svid_renewal_duration_seconds',
  'spire_server_ca_cert_expiry_seconds',
  'spire_agent_up',
  'spire_agent_svid_count',
]
const types = families.map((family) => `# TYPE ${family} gauge\n`).join('')
const seen = 'svidwatch_source_up{source="pods"} 1\nsvidwatch_node_up{node="node-1"} 1\n'
const answering = (metrics: string) => ({ '/readyz': 'ready\n', '/metrics': metrics })

test.each([
  ['everything is seen', answering(types + seen), 0, 'svidwatch is ready and sees everything that it watches\n'],
  ['it is not ready', { '/metrics': types + seen }, 1, 'svidwatch is not ready: waiting for pods\n'],
  [
    'a family is missing',
    answering(types.replace('spire_agent_up', 'x') + seen),
    1,
    '/metrics has no spire_agent_up\n',
  ],
  [
    'a source is blind',
    answering(`${types}${seen}svidwatch_source_up{source="nodes"} 0\n`),
    1,
    'the source nodes is blind: the log of svidwatch says why\n',
  ],
  [
    'cert-manager is not installed',
    answering(
      `${types}${seen}svidwatch_source_up{source="certificateRequests"} 0\nsvidwatch_source_absent{source="certificateRequests"} 1\n`,
    ),
    0,
    'svidwatch is ready and sees everything that it watches\n',
  ],
  [
    'a node role is not followed',
    answering(`${types}${seen}svidwatch_node_up{node="node-2"} 0\n`),
    1,
    'the node role of node-2 is not followed\n',
  ],
  [
    'no node role is followed',
    answering(`${types}svidwatch_source_up{source="pods"} 1\n`),
    1,
    'no node role is followed: are the pods of the DaemonSet running?\n',
  ],
])('when %s, `helm test` says so', async (_, pages, code, printed) => {
  expect(await helmTest(pages)).toEqual({ code, printed })
})

test('`helm test` expects the metrics of the sources that are watched', async () => {
  const expected = async (values: object) => {
    const { env } = at(
      find(await render({ ...values }), 'Pod svidwatch/svidwatch-test'),
      'spec containers 0',
    ) as Container
    return env.find(({ name }) => name === 'FAMILIES')?.value.split(',')
  }
  expect(await expected({})).toEqual(families.toSorted())
  const withoutRequests = { settings: { kubernetes: { sources: { certificateRequests: false } } } }
  expect(await expected(withoutRequests)).toEqual([
    'spire_agent_svid_count',
    'spire_agent_up',
    'spire_svid_expiry_seconds',
  ])
  const endpoint = { trustDomain: 'a.example', url: 'https://a.example', profile: 'https_web' }
  expect(await expected({ settings: { bundleEndpoints: [endpoint] } })).toContain('spire_bundle_refresh_timestamp')
})
