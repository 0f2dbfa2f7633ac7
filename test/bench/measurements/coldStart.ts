import { systemClock as clock } from '../../../src/clock.ts'
import type { Figure } from '../figure.ts'
import { scrapeOver } from '../httpScrape.ts'
import { withKubeconfig } from '../kubeconfigFile.ts'
import { probe } from '../probe.ts'
import type { Informed } from '../probes/informer.ts'
import { usageOf, type ProcessUsage } from '../processUsage.ts'
import { startProgram, type Program } from '../program.ts'
import { startSimulatedApi } from '../simulatedApi.ts'
import type { Task } from './measurement.ts'

const megabyte = 1e6
const scrapes = 5

/** The program from its start until it is ready, and what it takes then: of CertificateRequests alone, and with their pods. */
export async function measureColdStart({ size, api, profileInto }: Task): Promise<readonly Figure[]> {
  const podless = await startSimulatedApi(size, { pods: false })
  try {
    const alone = await coldStart(podless.kubeconfig, size, 'certificateRequests')
    const withPods = await coldStart((await api()).kubeconfig, size, 'certificateRequests,pods', profileInto)
    return [...figuresOf('requests alone: ', alone), ...figuresOf('', withPods), ...scrapeFigures(withPods)]
  } finally {
    podless.close()
  }
}

interface ColdStart {
  readonly seconds: number
  readonly ready: ProcessUsage
  readonly scrapeMs: number
  /** After the scrapes. */
  readonly after: ProcessUsage
  readonly anchor: Informed & { readonly seconds: number }
}

/** Of what `informed` names, client-node keeps the same. */
async function coldStart(kubeconfig: string, size: number, informed: string, profileInto?: string): Promise<ColdStart> {
  const { result, startedMs } = await probe<Informed>('informer.ts', [kubeconfig, informed])
  const anchor = { ...result, seconds: (result.listedAtMs - startedMs) / 1000 }
  return withKubeconfig(kubeconfig, async (file) => {
    const settings = { kubernetes: { kubeconfig: file } }
    const program = await startProgram({ clock, role: 'cluster', settings, profileInto })
    try {
      await program.ready()
      const seconds = (clock.now() - program.startedMs) / 1000
      const ready = usageOf(program.pid)
      await expectAll(program, size)
      const scrapeMs = await scrapeSome(program)
      return { seconds, ready, scrapeMs, after: usageOf(program.pid), anchor }
    } finally {
      await program.stop()
    }
  })
}

function figuresOf(what: string, { seconds, ready, anchor }: ColdStart): readonly Figure[] {
  const client = (measured: number) => ({ name: 'client-node', measured })
  return [
    {
      name: `${what}from the start of the process until it is ready`,
      unit: 's',
      of: 'all',
      measured: seconds,
      goal: 15,
      anchor: client(anchor.seconds),
    },
    {
      name: `${what}CPU time until then`,
      unit: 's',
      of: 'all',
      measured: ready.cpuSeconds,
      anchor: client(anchor.cpuSeconds),
    },
    {
      name: `${what}RSS then`,
      unit: 'MB',
      measured: ready.rssBytes / megabyte,
      // The goal is for the requests.
      ...(what !== '' && { goal: 250 }),
      anchor: client(anchor.rssBytes / megabyte),
    },
  ]
}

function scrapeFigures({ scrapeMs, after }: ColdStart): readonly Figure[] {
  return [
    { name: `RSS after ${scrapes} scrapes`, unit: 'MB', measured: after.rssBytes / megabyte },
    { name: 'RSS at its peak', unit: 'MB', measured: after.peakRssBytes / megabyte },
    { name: 'a scrape over HTTP, compressed, elapsed', unit: 'ms', measured: scrapeMs },
  ]
}

/** That it is ready must mean that everything is there. */
async function expectAll({ url }: Program, size: number): Promise<void> {
  const { requests } = (await (await fetch(`${url}/api/v1/status`)).json()) as { requests: { issued: number } }
  if (requests.issued !== size)
    throw new Error(`svidwatch is ready with ${requests.issued} requests, and not with ${size}`)
}

/** What a scrape takes over HTTP, at best. */
async function scrapeSome({ url }: Program): Promise<number> {
  const elapsedMs: number[] = []
  for (; elapsedMs.length < scrapes; await clock.sleep(1000)) elapsedMs.push((await scrapeOver(url, 'gzip')).elapsedMs)
  return Math.min(...elapsedMs)
}
