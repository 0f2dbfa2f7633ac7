import { expect, onTestFinished, vi } from 'vitest'
import type { App } from '../../src/app/app.ts'
import { createClientFromText } from '../../src/kubernetes/client.ts'
import { bundleName } from '../../src/world/bundleObjects.ts'
import { nodeRoleService, writeFindingsKeys } from '../../src/world/nodeRoles.ts'
import type { ManualClock } from '../support/manualClock.ts'
import { runningApp } from '../support/runningApp.ts'
import type { Cluster } from './cluster.ts'

/** svidwatch over a cluster: a cluster role, and a node role on each node that has the driver. It ends with the test. */
export interface Svidwatch {
  /** Returns the answer of the cluster role to a request for a path. */
  readonly get: (path: string) => Promise<string>
  /** Stops the node role of a node. */
  stopNodeRole(node: string): Promise<void>
  /** What the cluster role has answered to scrapes, one every 15 s. */
  readonly scrapes: readonly string[]
  /** Lets minutes pass. */
  pass(minutes: number): Promise<void>
}

export const scrapeMs = 15_000

/** How much time passes at a stretch. Who follows a node role gives up after 15 s without a word. */
const stepMs = 5_000

/** The code of sources is loaded when they start, and the machine may be busy. */
const patience = { timeout: 20_000, interval: 5 }

/** Starts svidwatch as a cluster has it. Resolves when each source has looked at its system. */
export async function startSvidwatch({ world, clock, relay, partners }: Cluster): Promise<Svidwatch> {
  const { signingKey, publicKeys } = await writeFindingsKeys(world.folder)
  const nodeRoles = new Map<string, App>()
  for (const { name, kubeletRoot } of world.nodes.filter(({ hasDriver }) => hasDriver)) {
    const settings = { mountedSvids: { kubeletRoot }, nodeFindings: { publicKeys, nodeName: name } }
    const app = await runningApp(['node'], settings, { clock })
    nodeRoles.set(name, app)
    world.addNodeRole(name, app.url)
  }
  const settings = {
    nodeFindings: { service: `${nodeRoleService.namespace}/${nodeRoleService.name}`, signingKey },
    bundleEndpoints: [partners.customer.settings, partners.supplier.settings],
    trustBundles: { names: [bundleName] },
  }
  const client = createClientFromText(relay.kubeconfig, clock)
  const app = await runningApp(['cluster'], settings, { clock, client, podRoute: world.route })
  onTestFinished(() => closed(clock, [app, ...nodeRoles.values()]))

  const get = (path: string, url = app.url) => meanwhile(clock, 0, bodyOf(url + path))
  await vi.waitFor(async () => {
    await clock.advance(10)
    expect(await get('/readyz', app.probeUrl)).toBe('ready\n')
  }, patience)
  const scrapes: string[] = []
  return {
    ...{ get, scrapes },
    stopNodeRole: (node) => closed(clock, [nodeRoles.get(node)]),
    pass: async (minutes) => {
      for (let leftMs = minutes * 60_000; leftMs > 0; leftMs -= scrapeMs) {
        for (let passedMs = 0; passedMs < scrapeMs; passedMs += stepMs) {
          await clock.advance(stepMs)
          // What others have sent meanwhile has arrived when this is answered, however busy the machine is.
          await get('/healthz', app.probeUrl)
        }
        scrapes.push(await get('/metrics'))
      }
    },
  }
}

/** Returns what a URL answers. A connection that were kept might be closed just when it is used again. */
const bodyOf = async (url: string): Promise<string> => (await fetch(url, { headers: { connection: 'close' } })).text()

/** Returns the result of what can only go on while time passes, by so many milliseconds for each turn of the event loop. */
async function meanwhile<Result>(clock: ManualClock, passingMs: number, result: Promise<Result>): Promise<Result> {
  const settled = new AbortController()
  void result.catch(() => undefined).finally(() => settled.abort())
  while (!settled.signal.aborted) await clock.advance(passingMs)
  return result
}

/** Stops processes. They wait a moment for the requests in progress. */
async function closed(clock: ManualClock, apps: readonly (App | undefined)[]): Promise<void> {
  await meanwhile(clock, 100, Promise.all(apps.map(async (app) => await app?.close())))
}
