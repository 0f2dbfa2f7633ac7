import assert from 'node:assert/strict'
import { test } from 'vitest'
import { endpointSlice, nodeRoleService, writeFindingsKeys } from '../../../src/world/nodeRoles.ts'
import { findingsContentType, heartbeatMs, maxLineBytes } from '../../../src/nodeStream/contract.ts'
import { decodeLine, encodeLine } from '../../../src/nodeStream/lines.ts'
import { mountedLine, NodeRoleServer, snapshot, textOf } from '../../support/nodeRoleServer.ts'
import { metricsOf } from '../../support/runningApp.ts'
import { assertExposition, refusals } from '../support/expositionText.ts'
import { runs, sample } from '../support/fuzz.ts'
import { healthySeries, healthyWorkloads, until } from '../support/healthyWorkloads.ts'
import { jsonTexts, type Json } from '../support/json.ts'

/** One less than a stream may have before it is given up. */
const refusedInAStream = 99

const recorded = JSON.parse(encodeLine(mountedLine('pod-of-nobody'))) as Json
const lines = sample(jsonTexts([recorded]), runs / 5).filter(
  (line) => !line.includes('\n') && Buffer.byteLength(line) <= maxLineBytes,
)
const isRefused = (line: string) => 'problem' in decodeLine(line)

/** The lines of one stream after the other, each with as many refused ones as a stream may have. */
function streams(): readonly string[][] {
  const all: string[][] = [[]]
  let refused = 0
  for (const line of lines) {
    if (refused === refusedInAStream) {
      all.push([])
      refused = 0
    }
    if (isRefused(line)) refused += 1
    all.at(-1)?.push(line)
  }
  return all
}

test('malformed lines of a node role cost the healthy workloads nothing, and each that is refused is counted', async () => {
  const { clock, store, kubelet, start } = await healthyWorkloads()
  const { signingKey } = await writeFindingsKeys(kubelet.root)
  const left = [...streams()]
  /** Of the streams so far. */
  let told = 0
  let endStream: (() => void) | undefined
  const role = await NodeRoleServer.start((_request, response) => {
    const next = left.shift() ?? []
    told += next.filter(isRefused).length
    response.writeHead(200, { 'content-type': findingsContentType })
    response.write(`${[textOf(snapshot()).trimEnd(), ...next].join('\n')}\n`)
    endStream = () => response.end()
  })
  store.create('endpointslices', endpointSlice('node-2', `http://127.0.0.1:${role.port}`))
  const { namespace, name } = nodeRoleService
  const app = await start({ nodeFindings: { service: `${namespace}/${name}`, signingKey } })
  const healthy = healthySeries(await metricsOf(app))

  const expected = lines.filter(isRefused).length
  assert.ok(expected > lines.length / 10)
  const counted = async () => refusals(await metricsOf(app), 'nodeFindings')['malformed_finding'] ?? 0
  await until(async () => {
    await clock.advance(0)
    if (endStream !== undefined && (await counted()) === told) {
      // A stream that has lasted is followed by the next one at once, so that time passes only while a stream is open and read.
      await clock.advance(heartbeatMs)
      endStream()
      endStream = undefined
    }
    assert.equal(left.length, 0)
    assert.deepEqual(refusals(await metricsOf(app), 'nodeFindings'), { malformed_finding: expected })
  })
  const text = await metricsOf(app)
  assertExposition(text)
  assert.deepEqual(healthySeries(text), healthy)
})
