import { expect, it } from 'vitest'
import { KubernetesError } from '../../../../src/kubernetes/kubernetesError.ts'
import { createNodeFindings } from '../../../../src/sources/nodeFindings/nodeFindings.ts'
import { ManualClock } from '../../../support/manualClock.ts'
import { ScriptedClient } from '../../../support/scriptedClient.ts'

it('asks for the slices of the Service, and for no others, however it lists and watches them', async () => {
  const clock = new ManualClock()
  const old = new KubernetesError('protocol', 'sendInitialEvents is forbidden for watch', { status: 422 })
  const page = (next?: string) => ({ answer: { metadata: { resourceVersion: '5', continue: next }, items: [] } })
  const client = new ScriptedClient(clock, [old, page('more'), page()])
  const source = createNodeFindings({
    client,
    clock,
    pageSize: 500,
    service: { namespace: 'watch', name: 'nodes' },
    signer: { tokenFor: () => Promise.resolve('') },
  })
  source.start(() => undefined, new AbortController().signal)
  await clock.advance(0)
  await source.close()
  expect(client.requests.map(({ query }) => [query.labelSelector, query.limit, query.continue])).toEqual([
    ['kubernetes.io/service-name=nodes', undefined, undefined],
    ['kubernetes.io/service-name=nodes', '500', undefined],
    ['kubernetes.io/service-name=nodes', '500', 'more'],
    ['kubernetes.io/service-name=nodes', undefined, undefined],
  ])
})
