import { systemClock as clock } from '../../../src/clock.ts'
import type { Figure } from '../figure.ts'
import { scrapeOver } from '../httpScrape.ts'
import { withKubeconfig } from '../kubeconfigFile.ts'
import { probe } from '../probe.ts'
import type { Informed } from '../probes/informer.ts'
import { usageOf } from '../processUsage.ts'
import { startProgram, type Program } from '../program.ts'
import type { Task } from './measurement.ts'

const megabyte = 1e6
const scrapes = 5

/** The program over `size` CertificateRequests, each with its pod: from its start until it is ready, and what it takes then. */
export async function measureColdStart({ size, api, profileInto }: Task): Promise<readonly Figure[]> {
  const { kubeconfig } = await api()
  const { informed, seconds } = await informer(kubeconfig)
  return withKubeconfig(kubeconfig, async (file) => {
    const program = await startProgram({
      clock,
      role: 'cluster',
      settings: { kubernetes: { kubeconfig: file } },
      profileInto,
    })
    try {
      await program.ready()
      const readyMs = clock.now()
      const ready = usageOf(program.pid)
      await expectAll(program, size)
      const scrapeMs = await scrapeSome(program)
      const after = usageOf(program.pid)
      const client = (measured: number) => ({ name: 'client-node', measured })
      return [
        {
          name: 'from the start of the process until it is ready',
          unit: 's',
          of: 'all',
          measured: (readyMs - program.startedMs) / 1000,
          goal: 15,
          anchor: client(seconds),
        },
        {
          name: 'CPU time until then',
          unit: 's',
          of: 'all',
          measured: ready.cpuSeconds,
          anchor: client(informed.cpuSeconds),
        },
        {
          name: 'RSS then',
          unit: 'MB',
          measured: ready.rssBytes / megabyte,
          goal: 250,
          anchor: client(informed.rssBytes / megabyte),
        },
        { name: `RSS after ${scrapes} scrapes`, unit: 'MB', measured: after.rssBytes / megabyte },
        { name: 'RSS at its peak', unit: 'MB', measured: after.peakRssBytes / megabyte },
        { name: 'a scrape over HTTP, compressed, elapsed', unit: 'ms', measured: scrapeMs },
      ]
    } finally {
      await program.stop()
    }
  })
}

async function informer(kubeconfig: string): Promise<{ readonly informed: Informed; readonly seconds: number }> {
  const { result, startedMs } = await probe<Informed>('informer.ts', [kubeconfig, 'certificateRequests,pods'])
  return { informed: result, seconds: (result.listedAtMs - startedMs) / 1000 }
}

/** That it is ready must mean that everything is there. */
async function expectAll({ url }: Program, size: number): Promise<void> {
  const { total } = (await (await fetch(`${url}/api/v1/svids?limit=1`)).json()) as { total: number }
  if (total !== size) throw new Error(`svidwatch is ready with ${total} SVIDs, and not with ${size}`)
}

/** What a scrape takes over HTTP, at best. */
async function scrapeSome({ url }: Program): Promise<number> {
  const elapsedMs: number[] = []
  for (; elapsedMs.length < scrapes; await clock.sleep(1000)) elapsedMs.push((await scrapeOver(url, 'gzip')).elapsedMs)
  return Math.min(...elapsedMs)
}
