import { decodeJwt, decodeProtectedHeader } from 'jose'
import { describe, expect, it } from 'vitest'
import { ConfigMapStore } from '../../src/checkpoint/configMapStore.ts'
import { versioned } from '../../src/checkpoint/stateVersion.ts'
import { createClientFromText } from '../../src/kubernetes/client.ts'
import { parseCheckpoint, serializeCheckpoint } from '../../src/ledger/issuance/checkpoint.ts'
import { parseMemory, serializeMemory } from '../../src/ledger/memory.ts'
import type { MountedObservation } from '../../src/ledger/workloads/observations.ts'
import { findingsContentType } from '../../src/nodeStream/contract.ts'
import { decodeLine, encodeLine } from '../../src/nodeStream/lines.ts'
import { signingKeyFile, TokenSigner, TokenVerifier } from '../../src/nodeStream/tokens.ts'
import { recordedReleases } from '../releases/release.ts'
import { replay } from '../releases/replay.ts'
import { endpointOf, startNodeFindings } from '../support/nodeFindingsWorld.ts'
import { NodeRoleServer } from '../support/nodeRoleServer.ts'
import { eventually } from '../support/eventually.ts'
import { ManualClock } from '../support/manualClock.ts'
import { realFiles } from '../support/realFiles.ts'
import { metricsOf, runningApp } from '../support/runningApp.ts'
import { createTokenKeys, keyFolder } from '../support/tokenKeys.ts'

const success = 'spire_attestation_success_total{trust_domain="example.org",issuer="ClusterIssuer/spiffe-ca"'

/** Returns what the token of an Authorization header says. */
function tokenOf(authorization: string) {
  const token = authorization.replace('Bearer ', '')
  return { header: decodeProtectedHeader(token), claims: decodeJwt(token) }
}

/** Returns a JSON value with one more field in each object, but in maps by name, where it would be one more entry. */
function extended(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((one) => extended(one))
  if (typeof value !== 'object' || value === null || name === 'agents') return value
  const fields = Object.entries(value).map(([field, one]) => [field, extended(one, field)] as const)
  return { ...Object.fromEntries(fields), addedLater: { since: 'the next release' } }
}

describe.each(recordedReleases)('after an upgrade from $version', (release) => {
  const { findings, contentType, totals } = release

  it('the totals go on to the one, and what has ended meanwhile is counted once', async () => {
    const { clock, store, api, namespace, name } = await replay(release)
    const client = createClientFromText(api.kubeconfig, clock)
    const settings = { checkpoint: { interval: '1s' } }
    const app = await runningApp(['cluster'], settings, {
      clock,
      client,
      store: new ConfigMapStore(client, namespace, name),
    })
    const exported = async () => new Set((await metricsOf(app)).split('\n'))
    await eventually(async () => {
      const lines = await exported()
      expect(totals.filter((line) => !lines.has(line))).toEqual([])
    })

    const successes = Number(
      totals
        .find((line) => line.startsWith(success))
        ?.split(' ')
        .at(-1),
    )
    const issued = release.requests.items.find(({ status }) => JSON.stringify(status ?? {}).includes('certificate"'))
    if (issued === undefined) throw new Error('no request of the recording was issued')
    const metadata = { ...issued.metadata, name: 'issued-after-the-upgrade' }
    delete metadata.uid
    store.create('certificaterequests', { ...issued, metadata })
    await eventually(async () => {
      await clock.advance(1_000)
      const [line] = [...(await exported())].filter((one) => one.startsWith(success))
      expect(line).toMatch(new RegExp(` ${successes + 1}$`))
    })
  })

  it('every finding of its node roles is known', async () => {
    const role = await NodeRoleServer.start((_request, response) => {
      response.writeHead(200, { 'content-type': contentType })
      response.write(findings.map((line) => `${line}\n`).join(''))
    })
    const { until, observations, rejected } = await startNodeFindings(endpointOf('node-1', role))
    const told = findings.map((line) => JSON.parse(line) as { type: string; mounted?: MountedObservation })
    const mounted = told.flatMap((line) => (line.mounted === undefined ? [] : [line.mounted]))
    const heard = () => observations.flatMap((one) => (one.kind === 'mounted' ? [one.mounted] : []))
    await until(() => expect(heard()).toEqual(mounted))
    const gone = observations.filter(({ kind }) => kind === 'unmounted').length
    expect(gone).toBe(told.filter(({ type }) => type === 'unmounted').length)
    expect(rejected()).toEqual([])
  })
})

describe.each(recordedReleases)('the token of the cluster role, $version', ({ node, authorization, publicKeys }) => {
  const { header, claims } = tokenOf(authorization)
  const clock = new ManualClock(Number(claims.iat) * 1000)

  it('of the release is accepted by a newer node role', async () => {
    const verifier = new TokenVerifier(keyFolder().write('public.pem', publicKeys), clock, node, realFiles)
    expect(await verifier.verify(authorization)).toMatchObject({ keyId: header.kid })
  })

  it('of a newer one has all that a node role of the release gets from its own cluster role', async () => {
    const keyFile = keyFolder().write('key.pem', createTokenKeys().privatePem)
    const signer = new TokenSigner(signingKeyFile(keyFile, realFiles), clock)
    const token = tokenOf(await signer.tokenFor(node))
    const unique = expect.any(String) as string
    expect(token).toMatchObject({ header: { ...header, kid: unique }, claims: { ...claims, jti: unique } })
  })
})

describe.each(recordedReleases)('beside $version and after a downgrade to it', ({ state, findings, contentType }) => {
  const { 'checkpoint.json': checkpointText = '', 'memory.json': memoryText = '' } = state

  it('the state has all that the release writes itself for the same facts, in the same version', () => {
    const [read, remembered] = [parseCheckpoint(checkpointText), parseMemory(memoryText)]
    if ('problem' in read || 'problem' in remembered) throw new Error('the state cannot be read')
    expect(JSON.parse(serializeCheckpoint(read.checkpoint))).toMatchObject(JSON.parse(checkpointText) as object)
    expect(JSON.parse(serializeMemory(remembered.memory))).toMatchObject(JSON.parse(memoryText) as object)
    expect(versioned({}).version).toBe(state.version ?? '1')
  })

  it('the findings have all that the release sends itself for the same facts, in the same version', () => {
    const lines = findings.map(decodeLine)
    const sent = lines.map((line) => {
      if ('problem' in line || line.type === 'unknown') throw new Error('a line cannot be read')
      return JSON.parse(encodeLine(line)) as unknown
    })
    expect(sent).toMatchObject(findings.map((line) => JSON.parse(line) as object))
    expect(findingsContentType).toMatch(new RegExp(`^${contentType}(; version=1)?$`))
  })

  it('what the release may have added to the same version is left out', () => {
    const longer = (text: string) => JSON.stringify(extended(JSON.parse(text)))
    expect(parseCheckpoint(longer(checkpointText))).toEqual(parseCheckpoint(checkpointText))
    expect(parseMemory(longer(memoryText))).toEqual(parseMemory(memoryText))
    expect(findings.map((line) => decodeLine(longer(line)))).toEqual(findings.map(decodeLine))
  })
})
