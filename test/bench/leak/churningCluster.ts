/**
 * `churningCluster.ts WORKLOADS RENEWAL_MS`: a Kubernetes API whose workloads come and go, in a process of its own. It sends
 * `{ kubeconfig }` when it is there. At each `Command` with a pace it follows the pace, churns, and scrapes svidwatch all along.
 * At one without it holds both time and workloads, waits until a scrape shows the truth, and sends what it has seen (`Checked`).
 */
import { startApiServer } from '../../../src/world/apiServer/server.ts'
import { createStore } from '../../../src/world/apiServer/store.ts'
import { systemClock } from '../../../src/clock.ts'
import { csiNodeObject, nodeObject } from '../../../src/world/nodes.ts'
import { namespaceName, namespaces, nodeName, nodesFor, Requests } from '../workloads.ts'
import { Churn } from './churn.ts'
import { compare, scrape, type Exposed } from './exposed.ts'
import { FastClock, type Pace } from './fastClock.ts'

/** What whoever has started this process may say to it; `url` is where svidwatch is. */
export interface Command {
  readonly url: string
  readonly pace: Pace | undefined
}

/** How a scrape compares with the truth once the workloads stand still. */
export interface Checked extends Exposed {
  readonly live: number
  readonly issued: number
  readonly denied: number
  /** How late the churn was, in ms of simulated time. */
  readonly lateMs: number
  /** How large a scrape is, compressed, and how many were not answered so far. */
  readonly bytes: number
  readonly missed: number
}

/** In simulated time; but scrapes must not take all of the real one. */
const scrapeEveryMs = 30_000
const shortestPauseMs = 250
/** What has not become true after so long in real time is not going to. */
const patienceMs = 60_000

const [workloads = 0, renewalMs = 0] = process.argv.slice(2).map(Number)
const clock = new FastClock()
// A watch may be behind by as much as is written in a minute of fast time.
const store = createStore(clock, 200_000)
const churn = new Churn({ clock, store, workloads, renewalMs, requests: await Requests.create(clock.now()) })

for (const index of Array(namespaces).keys())
  store.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespaceName(index) } })
for (const index of Array(nodesFor(workloads)).keys()) {
  const node = { name: nodeName(index), uid: `node-uid-${index}` }
  store.create('nodes', nodeObject(node))
  store.create('csinodes', csiNodeObject(node, true))
}
churn.fill()
store.compact()

let missed = 0
let pause = new AbortController()
let churning = Promise.resolve()

function churnOn(url: string, pace: Pace): void {
  clock.follow(pace)
  pause = new AbortController()
  const scrapePauseMs = Math.max(shortestPauseMs, scrapeEveryMs / pace.speed)
  const { signal } = pause
  churning = Promise.all([churn.run(signal), scrapeOn(url, scrapePauseMs, signal)]).then(() => undefined)
}

async function scrapeOn(url: string, pauseMs: number, signal: AbortSignal): Promise<void> {
  for (; !signal.aborted; await systemClock.sleep(pauseMs, signal)) await scrape(url).catch(() => (missed += 1))
}

async function check(url: string): Promise<Checked> {
  clock.standStill()
  pause.abort()
  await churning
  const truth = churn.truth()
  const { pods, ...counted } = truth
  const untilMs = systemClock.now() + patienceMs
  for (;;) {
    const compressed = await scrape(url)
    const exposed = compare(compressed, truth)
    if (exposed.difference === undefined || systemClock.now() > untilMs)
      return { ...exposed, ...counted, live: pods.size, bytes: compressed.length, missed }
    await systemClock.sleep(200)
  }
}

process.on('message', ({ url, pace }: Command) => {
  if (pace === undefined) void check(url).then((checked) => process.send?.(checked))
  else churnOn(url, pace)
})
process.on('disconnect', () => process.exit())
process.send?.({ kubeconfig: (await startApiServer({ clock, store })).kubeconfig })
