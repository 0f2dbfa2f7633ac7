import { readFile } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { CertificateRequest } from '../../../src/world/certificateRequest.ts'
import { worldOnHold } from '../../support/worldOnHold.ts'

interface WatchEvent {
  readonly type: string
  readonly object: CertificateRequest
}

/** Returns the part of a renewal that does not depend on the program that renews. */
function outlines(events: readonly WatchEvent[]) {
  const names = [...new Set(events.map(({ object }) => object.metadata.name))]
  return events.map(({ type, object: { metadata, spec, status } }) => ({
    type,
    request: names.indexOf(metadata.name),
    labels: Object.keys(metadata.labels ?? {}).sort(),
    annotations: Object.keys(metadata.annotations ?? {}),
    owners: metadata.ownerReferences?.map(({ uid, name, ...owner }) => ({
      ...owner,
      named: uid !== '' && name !== '',
    })),
    spec: Object.keys(spec).sort(),
    asked: { duration: spec.duration, usages: spec['usages'], issuerRef: spec['issuerRef'] },
    status: Object.keys(status ?? {}).sort(),
    conditions: status?.conditions?.map(({ type, status, reason, message }) => ({ type, status, reason, message })),
  }))
}

test('a renewal has the events of a recorded one, in the same order', async () => {
  const { world, until } = await worldOnHold([{}])
  const events = await watch(`${world.api.url}/apis/cert-manager.io/v1/certificaterequests`, world.api.token)
  await until(() => expect(events).toHaveLength(4))

  const recorded = await readFile(new URL('../../fixtures/csi/watch-renewal-one.ndjson', import.meta.url), 'utf8')
  expect(outlines(events)).toEqual(
    outlines(
      recorded
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as WatchEvent),
    ),
  )
})

/** Yields the events after the current state, as they arrive. */
async function watch(url: string, token: string): Promise<WatchEvent[]> {
  const headers = { authorization: `Bearer ${token}` }
  const list = (await (await fetch(url, { headers })).json()) as { metadata: { resourceVersion: string } }
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const from = `${url}?watch=true&resourceVersion=${list.metadata.resourceVersion}`
  const { body } = await fetch(from, { headers, signal: stop.signal })
  const events: WatchEvent[] = []
  void collect(body as AsyncIterable<Uint8Array>, events).catch(() => undefined)
  return events
}

async function collect(body: AsyncIterable<Uint8Array>, events: WatchEvent[]): Promise<void> {
  let text = ''
  for await (const chunk of body) {
    const lines = (text + Buffer.from(chunk).toString()).split('\n')
    text = lines.pop() ?? ''
    events.push(...lines.map((line) => JSON.parse(line) as WatchEvent))
  }
}
