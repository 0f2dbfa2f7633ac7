import { afterEach, beforeEach, expect, test } from 'vitest'
import { ruleGroups } from '../../alerts/all.ts'
import { until } from '../cluster/support/shell.ts'
import { Paging } from './support/paging.ts'
import type { Labels } from './support/receiver.ts'

// Alerts as the rules make them, posted to an Alertmanager with the shipped routes. How it groups them shows at once, without
// waiting for notifications.
let paging: Paging

beforeEach(async () => {
  paging = await Paging.start()
})

afterEach(() => paging[Symbol.asyncDispose]())

const alerts = ruleGroups.flatMap(({ rules }) => rules).filter((rule) => 'alert' in rule)

/** An alert of the rules; only labels that it has can be given. */
function alert(alertname: string, labels: Labels, severity?: string): Labels {
  const rule = alerts.find((each) => each.alert === alertname && each.severity === (severity ?? each.severity))
  if (rule === undefined) throw new Error(`there is no alert ${alertname} ${severity}`)
  const unknown = Object.keys(labels).filter((label) => !rule.labels.includes(label))
  if (unknown.length > 0) throw new Error(`${alertname} has no labels ${unknown.join(', ')}`)
  return { cluster: 'c', ...labels, alertname, severity: rule.severity }
}

const issuer = 'ClusterIssuer/spiffe-ca'
const workload = (pod: string, node: string, others: Labels = {}) =>
  alert('SVIDExpiringSoon', { trust_domain: 'example.org', namespace: 'shop', pod, node, issuer, ...others })

/** The groups of alerts, once Alertmanager has put all of them into groups. */
async function groupsOf(posted: readonly Labels[]) {
  await paging.post(posted)
  return until('all alerts in groups', 10, async () => {
    const groups = await paging.groups()
    return groups.reduce((all, { alerts }) => all + alerts.length, 0) < posted.length ? undefined : groups
  })
}

/** The groups of one receiver, each as the number of its alerts and its labels. */
async function grouped(receiver: string, posted: readonly Labels[]): Promise<readonly string[]> {
  const groups = (await groupsOf(posted)).filter((group) => group.receiver.name === receiver)
  return groups.map(({ labels, alerts }) => `${alerts.length} of ${Object.values(labels).join(' ')}`).sort()
}

/** Which alerts are held back, once any is. */
async function heldBack(posted: readonly Labels[]): Promise<readonly Labels[]> {
  await groupsOf(posted)
  return until('an alert that is held back', 10, async () => {
    const alerts = (await paging.groups()).flatMap((group) => group.alerts)
    const held = alerts.filter(({ status }) => status.inhibitedBy.length > 0).map(({ labels }) => labels)
    return held.length > 0 ? held : undefined
  })
}

test('the workloads of a node are one page, and two lone ones on two nodes are two', async () => {
  const posted = [workload('a', 'node-1'), workload('b', 'node-2'), workload('c', 'node-2'), workload('d', 'node-2')]
  expect(await grouped('on-call', posted)).toEqual([
    `1 of c ${issuer} node-1 example.org`,
    `3 of c ${issuer} node-2 example.org`,
  ])
})

test('an SVID that expires stays in the page of its workload', async () => {
  const expired = { ...workload('a', 'node-1'), alertname: 'SVIDExpired' }
  expect(await grouped('on-call', [workload('a', 'node-1'), expired])).toEqual([`2 of c ${issuer} node-1 example.org`])
})

test('an authority that is not trusted is one page, beside a refused SVID that it does not explain', async () => {
  const untrusted = alert('SPIFFEAuthorityUntrusted', { trust_domain: 'example.org' })
  const one = alert('SVIDRefusedByPeers', {
    ...{ trust_domain: 'example.org', namespace: 'shop', pod: 'a', node: 'node-1', issuer },
    ...{ copy: 'mounted', reason: 'wrong_signature' },
  })
  const skew = alert('TrustBundleSkew', { trust_domain: 'example.org', bundle: 'spiffe-ca' })
  expect(await grouped('on-call', [untrusted, one, skew])).toEqual([
    `1 of c ${issuer} node-1 example.org`,
    '1 of c example.org',
  ])
})

test('the refused SVIDs of an issuer are one page, and a single one of another issuer is another', async () => {
  const ofIssuer = alert('SVIDRefusedByPeers', { trust_domain: 'example.org', issuer })
  const one = alert('SVIDRefusedByPeers', {
    ...{ trust_domain: 'example.org', namespace: 'shop', pod: 'a', node: 'node-1', issuer: 'Issuer/shop/ca' },
    ...{ copy: 'served', reason: 'unknown_authority' },
  })
  expect(await grouped('on-call', [ofIssuer, one])).toEqual([
    `1 of c ${issuer} example.org`,
    '1 of c Issuer/shop/ca node-1 example.org',
  ])
})

test('files without node and issuer are one page for each trust domain, those of svidwatch itself one for each cluster', async () => {
  const file = (path: string) => alert('SVIDExpiringSoon', { trust_domain: 'vm.example', file: path })
  const itself = [alert('SvidwatchDown', {}), alert('SvidwatchBlind', { source: 'pods' })]
  const elsewhere = alert('SvidwatchDown', { cluster: 'd' })
  expect(await grouped('on-call', [file('/a.pem'), file('/b.pem'), ...itself, elsewhere])).toEqual([
    '1 of d',
    '2 of c',
    '2 of c vm.example',
  ])
})

test('warnings are for working hours, one notification for each kind', async () => {
  const down = ['node-1', 'node-2'].map((node) => alert('SPIREAgentDown', { node, agent: 'csi-driver-spiffe' }))
  const posted = [...down, alert('SVIDNotIssued', { namespace: 'shop' })]
  expect(await grouped('working-hours', posted)).toEqual(['1 of SVIDNotIssued c', '2 of SPIREAgentDown c'])
})

test('an issuer that is down holds back what is told of its requests, and no workload: what it explains has no alert', async () => {
  const stuck = (labels: Labels) => alert('SVIDIssuanceStuck', { reason: 'awaiting_issuer', ...labels })
  const workloads = [workload('a', 'node-1'), { ...workload('b', 'node-1'), alertname: 'SVIDExpired' }]
  const others = [stuck({ issuer, cluster: 'd' }), stuck({ issuer: 'Issuer/shop/other' })]
  const held = await heldBack([alert('SVIDIssuanceDown', { issuer }), stuck({ issuer }), ...workloads, ...others])
  expect(held).toEqual([stuck({ issuer })])
})

test.each([
  ['TrustBundleStale', { trust_domain: 'partner.example' }, { trust_domain: 'supplier.example' }],
  [
    'SPIFFECAExpiringSoon',
    { trust_domain: 'example.org', issuer },
    { trust_domain: 'example.org', issuer: 'Issuer/a/b' },
  ],
])('a critical %s holds back its own warning alone', async (name, own, other) => {
  const warnings = [alert(name, own, 'warning'), alert(name, other, 'warning')]
  const held = await heldBack([alert(name, own, 'critical'), ...warnings])
  expect(held).toEqual([warnings[0]])
})
