import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createCertificateAuthority } from '../../../src/world/certificateAuthority.ts'
import { rotateCa } from '../support/faults.ts'
import { setLifetime } from '../support/fleet.ts'
import { addPods, deletePods, startPods } from '../support/pods.ts'
import { hook, until } from '../support/shell.ts'
import { Svidwatch, type Problem } from '../support/svidwatch.ts'
import { bundleName, copies, driverNamespace, editCopy, signingCa } from './support/bundles.ts'
import { failingPairs, mountedPairs } from './support/pairs.ts'

const kubeletRoot = process.env['SVIDWATCH_TEST_KUBELET_ROOT'] ?? '/var/lib/kubelet'
const canStopTrustManager = Boolean(process.env['SVIDWATCH_TEST_STOP_TRUST_MANAGER'])
const namespace = 'svidwatch-bundles'
const trustDomain = 'example.org'
const pods = ['one', 'two', 'three', 'four'].map((name) => ({ name }))
const ofTrustDomain = { trustDomain }

/** How long after the first pair that does not verify svidwatch may be silent, and after the last one it may go on. */
const toldSeconds = 60
const endedSeconds = 30
/** How long the ConfigMap of one namespace may differ before it is named. */
const skewSeconds = 150

let watch: Svidwatch

const pairs = async (): Promise<number> => failingPairs(await mountedPairs())

const untrusted = async (): Promise<Problem | undefined> => {
  const [problem, ...others] = await watch.problems('authority_untrusted')
  expect(others).toEqual([])
  return problem
}

const skewed = async (): Promise<Problem | undefined> =>
  (await watch.problems('bundle_skew')).find(({ reason }) => reason === 'namespaces')

/** Waits for pairs that do not verify, and until svidwatch says with which reason, and exactly how many. */
async function isTold(reason: string): Promise<Problem> {
  await until('pairs that do not verify', 180, async () => ((await pairs()) > 1 ? true : undefined))
  const firstMs = Date.now()
  const told = await until('the problem', toldSeconds, untrusted)
  console.log(`told ${((Date.now() - firstMs) / 1000).toFixed(1)} s after the first pairs that do not verify`)
  expect(told.subject).toEqual(ofTrustDomain)
  return until(`the reason ${reason}, with all pairs`, 120, async () => {
    const [problem, now] = [await untrusted(), await pairs()]
    return problem?.reason === reason && problem.evidence['refusedPairs'] === now ? problem : undefined
  })
}

/** Waits until all pairs verify, and until svidwatch says nothing more. */
async function isOver(): Promise<void> {
  await until('trust', 240, async () => ((await pairs()) === 0 ? true : undefined))
  const trustedMs = Date.now()
  await until('the end of the problem', endedSeconds, async () =>
    (await untrusted()) === undefined ? true : undefined,
  )
  console.log(`ended ${((Date.now() - trustedMs) / 1000).toFixed(1)} s after all pairs verify`)
  await until('no names', endedSeconds, async () =>
    (await watch.problems('peer_refuses', namespace)).length === 0 ? true : undefined,
  )
}

/** Every SVID that its own bundle does not verify is explained by the one problem of the trust domain. */
async function expectExplained(): Promise<void> {
  const refused = await watch.problems('peer_refuses', namespace)
  expect(refused.filter(({ explainedBy }) => explainedBy !== 'authority_untrusted')).toEqual([])
}

/** Stops trust-manager until the test has ended, or until the function is called that this resolves with. */
async function stopTrustManager(): Promise<() => Promise<void>> {
  await hook('STOP_TRUST_MANAGER')
  let isStopped = true
  const start = async () => {
    // A second one would run beside the first.
    if (isStopped) await hook('START_TRUST_MANAGER')
    isStopped = false
  }
  onTestFinished(start)
  return start
}

describe('the trust bundles of a cluster', () => {
  beforeAll(async () => {
    await setLifetime('90s')
    const settings = [`mountedSvids: { kubeletRoot: ${kubeletRoot} }`, `trustBundles: { names: [${bundleName}] }`]
    watch = await Svidwatch.start('cluster,node', 19897, settings.join('\n'))
    await startPods(namespace, pods)
    await isOver()
  })

  afterAll(async () => {
    await deletePods(namespace)
    await watch.stop()
  })

  it('are all current, and nothing is wrong with them', async () => {
    const present = await copies()
    await until('all copies', 30, async () =>
      (await watch.sum('spiffe_trust_bundle_copies', { bundle: bundleName, state: 'current' })) === present.size
        ? true
        : undefined,
    )
    expect(await watch.problems('bundle_skew')).toEqual([])
    expect(await watch.problems('bundle_unsynced')).toEqual([])
  })

  it('lose the old CA before its SVIDs are gone, when the Secret of the CA is deleted: one problem, until they are renewed', async () => {
    await rotateCa()
    const { evidence } = await isTold('removed_too_early')
    expect(evidence['until']).toBeDefined()
    await expectExplained()
    await isOver()
    expect(await skewed()).toBeUndefined()
  })

  it.skipIf(!canStopTrustManager)(
    'do not have a CA that signs while trust-manager is stopped: one problem, until it is back',
    async () => {
      const startTrustManager = await stopTrustManager()
      await rotateCa()
      await addPods(namespace, [{ name: 'new' }])
      const { since } = await isTold('signs_too_early')
      await expectExplained()
      await startTrustManager()
      expect((await untrusted())?.since).toBe(since)
      await isOver()
    },
  )

  it.skipIf(!canStopTrustManager)('are named by their namespace when somebody edits one by hand', async () => {
    const stranger = await createCertificateAuthority('stranger', Date.now())
    const startTrustManager = await stopTrustManager()
    await editCopy(namespace, stranger.certificatePem)
    const editedMs = Date.now()
    const { subject, evidence } = await until('the namespace', skewSeconds, skewed)
    console.log(`named ${((Date.now() - editedMs) / 1000).toFixed(1)} s after it was edited`)
    expect(subject).toEqual({ ...ofTrustDomain, bundle: bundleName })
    expect(evidence).toMatchObject({ different: 1, first: namespace })
    expect(await untrusted()).toBeUndefined()
    await startTrustManager()
    await until('the end of the difference', 60, async () => ((await skewed()) === undefined ? true : undefined))
  })

  it.skipIf(!canStopTrustManager)(
    'stay old on a node whose driver has an old source bundle, although all other copies are new',
    async () => {
      await stopTrustManager()
      await rotateCa()
      await addPods(namespace, [{ name: 'newest' }])
      const { evidence } = await isTold('signs_too_early')
      expect(evidence).toMatchObject({ nodes: 1, nodesWithout: 1 })
      const pem = await signingCa(namespace)
      const others = [...(await copies()).keys()].filter((one) => one !== driverNamespace)
      for (const one of others) await editCopy(one, pem)
      const { evidence: skew } = await until('the namespace of the driver', skewSeconds, skewed)
      expect(skew).toMatchObject({ different: 1, first: driverNamespace })
      expect((await untrusted())?.evidence).toMatchObject({ nodesWithout: 1, namespacesWithout: 1 })
      await editCopy(driverNamespace, pem)
      await isOver()
      await until('the end of the difference', 60, async () => ((await skewed()) === undefined ? true : undefined))
    },
  )
})
