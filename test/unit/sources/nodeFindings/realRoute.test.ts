import { expect, it } from 'vitest'
import { signingKeyFile, TokenSigner, TokenVerifier } from '../../../../src/nodeStream/tokens.ts'
import { FindingsTally } from '../../../../src/server/findingsTally.ts'
import { FakeFindings } from '../../../support/fakeFindings.ts'
import { endpointOf, startNodeFindings } from '../../../support/nodeFindingsWorld.ts'
import { authority, bundleOf, mounted, svid } from '../../../support/observations.ts'
import { startTestServers } from '../../../support/testServers.ts'
import { createTokenKeys, keyFolder } from '../../../support/tokenKeys.ts'
import { realFiles } from '../../../support/realFiles.ts'

const keys = createTokenKeys()
const finding = (volume: string) =>
  mounted({
    volume,
    reading: { svid: svid({ fingerprint: 'a'.repeat(64) }) },
    writtenMs: 4,
    bundle: bundleOf(authority('b')),
  })

/** A cluster whose tokens are signed with the key that the node role of `node-1` knows, and that node role. */
async function startBoth() {
  const { write } = keyFolder()
  const cluster = await startNodeFindings()
  const { clock } = cluster
  const signer = new TokenSigner(signingKeyFile(write('key.pem', keys.privatePem), realFiles), clock)
  cluster.signer.tokenFor = (node) => signer.tokenFor(node)
  const view = new FakeFindings()
  const verifier = new TokenVerifier(write('public.pem', keys.publicPem), clock, 'node-1', realFiles)
  const servers = await startTestServers({ clock, findings: { view, tally: new FindingsTally(), verifier } })
  const { hostname, port } = new URL(servers.url)
  const offerAs = (node: string) =>
    cluster.api.store.create('endpointslices', endpointOf(node, { address: hostname, port: Number(port) }))
  return { ...cluster, view, offerAs, stopNode: servers.close }
}

it('takes from the real route exactly what it has to tell, and each change', async () => {
  const { view, offerAs, observations, nodeLog, until } = await startBoth()
  view.mount(finding('one'))
  view.mount(mounted({ volume: 'two', reading: { problem: 'missing', detail: 'there is no such file' } }))
  offerAs('node-1')
  await until(() => expect(nodeLog('node-1').at(-1)).toBe('nodeContact'))
  expect(observations.flatMap((one) => (one.kind === 'mounted' ? [one.mounted] : []))).toEqual([...view.findings()])

  view.unmount('pod-1', 'one')
  await until(() => expect(nodeLog('node-1').slice(-2)).toEqual(['unmounted pod-1/one', 'nodeContact']))
})

it('is refused where the endpoint of another node leads to this one', async () => {
  const { offerAs, observations, nodeLog, until } = await startBoth()
  offerAs('node-2')
  await until(() => expect(nodeLog('node-2')).toEqual(['trouble unauthorized']))
  expect(observations.at(-1)).toMatchObject({ detail: expect.stringContaining('wrong_audience') as unknown })
})

it('notices that the node role has stopped', async () => {
  const { offerAs, nodeLog, until, clock, stopNode } = await startBoth()
  offerAs('node-1')
  await until(() => expect(nodeLog('node-1').at(-1)).toBe('nodeContact'))
  const stopped = stopNode()
  await until(async () => {
    await clock.advance(1000)
    expect(nodeLog('node-1').at(-1)).toMatch(/^trouble/)
  })
  await stopped
})
