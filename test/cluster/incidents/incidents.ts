/**
 * `npm run incidents`: an hour on a real cluster with a real Prometheus and Alertmanager, in which one incident follows the other.
 * Prints the notifications as they arrive, and fails where one is missing, wrong, or not over in time. It needs what the tests on a
 * cluster need: a KUBECONFIG, the programs and the SVIDWATCH_TEST_* variables. `--from 7 --to 9` takes a part of the steps.
 */
import { parseArgs } from 'node:util'
import { Paging } from '../../notifications/support/paging.ts'
import { sleep } from '../support/shell.ts'
import { Svidwatch } from '../support/svidwatch.ts'
import { Notices, type Notice } from './notices.ts'
import { restore, steps, type Step } from './steps.ts'

const { values } = parseArgs({
  options: { from: { type: 'string', default: '1' }, to: { type: 'string', default: String(steps.length) } },
})
const kubeletRoot = process.env['SVIDWATCH_TEST_KUBELET_ROOT'] ?? '/var/lib/kubelet'
const port = 19797
const chosen = steps.slice(Number(values.from) - 1, Number(values.to))

const startMs = Date.now()
const wrong: string[] = []
const notices = new Notices()
let read = 0

const clock = (atMs: number) => new Date(atMs - startMs).toISOString().slice(11, 19)

function say(atMs: number, text: string): void {
  console.log(`${clock(atMs)}  ${text}`)
}

/** Prints what has arrived since the last time, and returns it. */
function arrivals(paging: Paging): readonly Notice[] {
  const arrived = paging.arrived.slice(read).filter(({ receiver }) => receiver !== 'dead-mans-switch')
  read = paging.arrived.length
  return arrived.flatMap((notification) => {
    const news = notices.take(notification)
    for (const [alert, ones] of Map.groupBy(news, ({ alert, is }) => `${is} ${alert}`))
      say(Date.now(), `  ${notification.receiver}: ${alert}: ${namesOf(ones)}`)
    return news
  })
}

/** Names what notices are about; a single one by its summary. */
const namesOf = (ones: readonly Notice[]): string =>
  ones.length === 1 ? (ones[0]?.summary ?? '') : `${ones.length}: ${ones.map(({ subject }) => subject).join(', ')}`

async function run(step: Step, paging: Paging): Promise<void> {
  const beganMs = Date.now()
  say(beganMs, `== ${step.name}`)
  await step.act()
  const news: Notice[] = []
  while (Date.now() < beganMs + step.minutes * 60_000) {
    news.push(...arrivals(paging))
    await sleep(500)
  }
  for (const problem of problemsOf(step, news)) {
    wrong.push(`${step.name}: ${problem}`)
    say(Date.now(), `  WRONG: ${problem}`)
  }
}

function problemsOf({ fires = {}, mayFire = [], ends = false }: Step, news: readonly Notice[]): readonly string[] {
  const fired = Map.groupBy(
    news.filter(({ is }) => is === 'firing'),
    ({ alert }) => alert,
  )
  const subjects = (alert: string) => new Set(fired.get(alert)?.map(({ subject }) => subject)).size
  const missing = Object.entries(fires).filter(([alert, count]) => subjects(alert) !== count)
  const unexpected = [...fired.keys()].filter((alert) => !(alert in fires) && !mayFire.includes(alert))
  return [
    ...missing.map(([alert, count]) => `${alert} names ${subjects(alert)}, not ${count}`),
    ...unexpected.map((alert) => `${alert} is not right here`),
    ...(ends ? notices.pages.map(({ alert, subject }) => `${alert} of ${subject} goes on`) : []),
  ]
}

async function main(): Promise<void> {
  await using paging = await Paging.start()
  const settings = `mountedSvids: { kubeletRoot: ${kubeletRoot} }\ncheckpoint: { configMap: default/svidwatch-incidents }`
  const svidwatch = await Svidwatch.start('cluster,node', port, settings)
  await paging.addPrometheus('test', `127.0.0.1:${port}`)
  try {
    for (const step of chosen) await run(step, paging)
  } finally {
    await restore()
    await svidwatch.stop()
  }
}

await main()
for (const problem of wrong) console.log(problem)
console.log(wrong.length === 0 ? 'every notification was right, and none was missing' : `${wrong.length} wrong`)
process.exitCode = wrong.length === 0 ? 0 : 1
