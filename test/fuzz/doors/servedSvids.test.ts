import net from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { probeOutcomes } from '../../../src/ledger/workloads/reasons.ts'
import { svidOf } from '../../../src/sources/servedSvids/presented.ts'
import { Prober } from '../../../src/sources/servedSvids/prober.ts'
import { contextFor } from '../../../src/sources/servedSvids/secureContexts.ts'
import { createBundlePki } from '../../support/bundlePki.ts'
import { tcpServer, tlsServer } from '../../unit/sources/servedSvids/testServer.ts'
import { fuzzAsync, runs } from '../support/fuzz.ts'

/** What a relay does to the bytes of the server, by their position. The server then closes the connection. */
interface Damage {
  readonly changes: readonly (readonly [offset: number, byte: number])[]
  readonly cutAfter: number | null
}
const damage: fc.Arbitrary<Damage> = fc.record({
  changes: fc.array(fc.tuple(fc.nat(1400), fc.nat(255)), { minLength: 1, maxLength: 4 }),
  cutAfter: fc.option(fc.nat(1400)),
})

test.each(['TLSv1.2', 'TLSv1.3'] as const)('damaged handshakes of %s come to an outcome', async (version) => {
  const pki = await createBundlePki()
  const behind = await tlsServer(await pki.svid(), { minVersion: version, maxVersion: version })
  let current: Damage = { changes: [], cutAfter: null }
  const relay = await tcpServer((client) => {
    const server = net.connect(behind.port, behind.host)
    const { changes, cutAfter } = current
    let at = 0
    server.on('error', () => undefined).on('end', () => client.end())
    client.on('data', (data) => server.write(data)).on('close', () => server.destroy())
    server.on('data', (data) => {
      for (const [offset, byte] of changes) if (offset >= at && offset - at < data.length) data[offset - at] = byte
      at += data.length
      if (cutAfter === null || at < cutAfter) client.write(data)
      else client.end(data.subarray(0, Math.max(0, data.length - (at - cutAfter))))
    })
  })
  const prober = new Prober({ clock: systemClock, timeoutMs: 500 })
  const context = contextFor()
  await fuzzAsync(
    damage,
    async (given) => {
      current = given
      const needsChain = () => given.changes.length > 2
      const answer = await prober.probe({ host: relay.host, port: relay.port, context, needsChain })
      const result = 'outcome' in answer ? answer : svidOf(answer, () => undefined)
      if ('svid' in result) return
      expect(Object.keys(probeOutcomes)).toContain(result.outcome)
      expect(result.detail).toMatch(/^\P{C}{1,300}$/u)
    },
    runs / 50,
  )
})
