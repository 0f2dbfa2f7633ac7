import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ruleGroups } from '../../../alerts/all.ts'
import { setLifetime } from '../support/fleet.ts'
import { kubectl, until } from '../support/shell.ts'
import { Prometheus, type FiringAlert } from './support/prometheus.ts'
import { image, Release } from './support/release.ts'
import { deleteNamespaces, startWorkloads } from './support/workload.ts'

const workload = 'svidwatch-alerted'
const exportedRules = new URL('../../../alerts/exported-labels.rules.yaml', import.meta.url).pathname

/** How a Prometheus gives labels to svidwatch's series, with the form of the rules that fits. */
const forms = ['honors labels', 'does not honor labels'] as const
const prometheus = new Map<(typeof forms)[number], Prometheus>()

const scaleApprover = (replicas: number) =>
  kubectl(
    ...['-n', 'cert-manager', 'scale', 'deployment', 'cert-manager-csi-driver-spiffe-approver'],
    `--replicas=${replicas}`,
  )

describe.skipIf(image === '')('a Prometheus with the shipped configuration that scrapes an installed svidwatch', () => {
  beforeAll(async () => {
    await Release.remove()
    await deleteNamespaces([workload])
    await setLifetime('1m')
    const release = await Release.install()
    await startWorkloads([workload])
    const cluster = await release.pod('cluster')
    const addresses = {
      svidwatch: `${cluster.ip}:9797`,
      nodeRoles: (await release.pods('node')).map(({ ip }) => `${ip}:9797`),
    }
    const targetLabels = { namespace: cluster.namespace, pod: cluster.name }
    prometheus.set('honors labels', await Prometheus.start(addresses))
    prometheus.set(
      'does not honor labels',
      await Prometheus.start({ ...addresses, targetLabels, rulesFile: exportedRules }),
    )
  })

  afterAll(async () => {
    await scaleApprover(1)
    for (const one of prometheus.values()) await one[Symbol.asyncDispose]()
    await deleteNamespaces([workload])
    await Release.remove()
  })

  const of = (form: (typeof forms)[number]): Prometheus => {
    const one = prometheus.get(form)
    if (one === undefined) throw new Error(`no Prometheus that ${form}`)
    return one
  }

  it.each(forms)('has its targets up and its rules loaded, and nothing fires, if it %s', async (form) => {
    const targets = await until('scrapes', 30, async () => {
      const all = await of(form).targets()
      return all.length > 0 && all.every(({ health }) => health !== 'unknown') ? all : undefined
    })
    expect(targets.map(({ scrapePool, health }) => `${scrapePool} ${health}`).sort()).toEqual([
      'svidwatch up',
      'svidwatch-node up',
    ])
    const groups = await until('evaluations', 60, async () => {
      const all = await of(form).ruleGroups()
      return all.every(({ rules }) => rules.every(({ health }) => health !== 'unknown')) ? all : undefined
    })
    expect(groups.map(({ name }) => name).sort()).toEqual(ruleGroups.map(({ name }) => name).sort())
    expect(groups.flatMap(({ rules }) => rules.filter(({ health }) => health !== 'ok'))).toEqual([])
    expect(await of(form).firing()).toEqual([])
  })

  it('fires alerts that name the workload when nobody approves its requests, and none that names svidwatch', async () => {
    await scaleApprover(0)
    for (const form of forms) {
      const isOfWorkload = ({ labels }: FiringAlert) => labels['pod'] === 'web' && labels['namespace'] === workload
      const firing = await until(`an alert for the workload, ${form}`, 120, async () => {
        const all = await of(form).firing()
        return all.some(isOfWorkload) ? all : undefined
      })
      console.log(`${form}: ${firing.map(({ annotations }) => annotations['summary']).join('; ')}`)
      const named = firing.map(({ labels }) => ({ namespace: labels['namespace'], pod: labels['pod'] }))
      expect(new Set(named.map((one) => JSON.stringify(one)))).toEqual(
        new Set([JSON.stringify({ namespace: workload, pod: 'web' })]),
      )
      expect(firing.filter(isOfWorkload)[0]?.annotations['summary']).toContain(workload)
    }
  })
})
