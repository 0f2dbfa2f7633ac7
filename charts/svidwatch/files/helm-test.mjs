// What `helm test` runs: checks that the cluster role is ready, sees what it watches, exports the metrics of the runbook and follows
// every node role. Tries again until the deadline, because node roles that have just started are not followed yet.
//
// HOST is the address of the Service, FAMILIES the metrics to expect, NODES `true` if node roles must be followed, DEADLINE_SECONDS how
// long to try.

const { HOST = '', FAMILIES = '', NODES, DEADLINE_SECONDS, METRICS_PORT = '9797', PROBES_PORT = '9798' } = process.env
const host = HOST.includes(':') ? `[${HOST}]` : HOST
const timeoutMs = 5000
const pauseMs = 2000

async function get(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) })
  return { status: response.status, text: await response.text() }
}

/** Returns the values of a metric by one of its labels. */
const valuesOf = (text, metric, label) =>
  new Map(
    Array.from(
      text.matchAll(new RegExp(`^${metric}\\{[^}]*${label}="([^"]*)"[^}]*\\} (\\S+)$`, 'gm')),
      ([, name, value]) => [name, Number(value)],
    ),
  )

/** Returns what is wrong, a line for each problem. */
async function problems() {
  const ready = await get(`http://${host}:${PROBES_PORT}/readyz`)
  if (ready.status !== 200) return [`svidwatch is not ready: ${ready.text.trim()}`]
  const { status, text } = await get(`http://${host}:${METRICS_PORT}/metrics`)
  if (status !== 200) return [`/metrics answers with status ${status}`]
  const missing = FAMILIES.split(',').filter((family) => family !== '' && !text.includes(`# TYPE ${family} `))
  const absent = valuesOf(text, 'svidwatch_source_absent', 'source')
  const blind = [...valuesOf(text, 'svidwatch_source_up', 'source')].filter(
    ([name, up]) => up !== 1 && absent.get(name) !== 1,
  )
  const nodes = valuesOf(text, 'svidwatch_node_up', 'node')
  const down = [...nodes].filter(([, up]) => up !== 1)
  return [
    ...missing.map((family) => `/metrics has no ${family}`),
    ...blind.map(([name]) => `the source ${name} is blind: the log of svidwatch says why`),
    ...(NODES === 'true' && nodes.size === 0
      ? ['no node role is followed: are the pods of the DaemonSet running?']
      : []),
    ...down.map(([node]) => `the node role of ${node} is not followed`),
  ]
}

const deadline = Date.now() + Number(DEADLINE_SECONDS) * 1000
let found
for (;;) {
  found = await problems().catch((error) => [`svidwatch cannot be reached: ${error.cause?.message ?? error.message}`])
  if (found.length === 0 || Date.now() >= deadline) break
  await new Promise((resolve) => setTimeout(resolve, pauseMs))
}
for (const problem of found) console.error(problem)
if (found.length === 0) console.log('svidwatch is ready and sees everything that it watches')
process.exitCode = found.length === 0 ? 0 : 1
