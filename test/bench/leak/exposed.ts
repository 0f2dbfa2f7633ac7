import { Agent, get } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { perIdentityFamilies } from '../../../src/metrics/catalogue.ts'
import type { Truth } from './churn.ts'

/** One connection for all scrapes, as Prometheus keeps it. */
const agent = new Agent({ keepAlive: true })

/** Asks for the metrics as Prometheus does, compressed; resolves with what came. */
export async function scrape(url: string): Promise<Buffer> {
  const headers = { 'accept-encoding': 'gzip' }
  return new Promise((resolve, reject) => {
    get(`${url}/metrics`, { agent, headers }, (response) => void buffer(response).then(resolve, reject)).on(
      'error',
      reject,
    )
  })
}

/** What an exposition says of what the truth is known of. */
export interface Exposed {
  /** All series of single SVIDs. */
  readonly series: number
  /** In what it differs from the truth; undefined: in nothing. */
  readonly difference: string | undefined
}

/** Compares a compressed exposition with the truth: each family of single SVIDs has one series for each pod, or none at all. */
export function compare(compressed: Buffer, truth: Truth): Exposed {
  const text = gunzipSync(compressed).toString()
  const pods = podsByFamily(text)
  const families = Object.entries(pods).map(([family, found]) => differenceIn(family, found, truth.pods))
  const counters = [
    ['spire_attestation_success_total', truth.issued] as const,
    ['spire_attestation_failure_total', truth.denied] as const,
  ].map(([name, expected]) => {
    const found = sumOf(text, name)
    return found === expected ? undefined : `${name}: ${found}, and not ${expected}`
  })
  const differences = [...families, ...counters].filter((difference) => difference !== undefined)
  const missing = Object.keys(pods).length === 0 && truth.pods.size > 0 ? ['no series of single SVIDs'] : []
  return {
    series: Object.values(pods).reduce((sum, { length }) => sum + length, 0),
    difference: [...missing, ...differences].join('; ') || undefined,
  }
}

/** The pods of the series of single SVIDs, one for each series. */
function podsByFamily(text: string): Readonly<Record<string, readonly string[]>> {
  const families = new RegExp(`^(${perIdentityFamilies.join('|')})\\{[^}]*\\bpod="([^"]*)"`, 'gm')
  const pods: Record<string, string[]> = {}
  for (const [, family = '', pod = ''] of text.matchAll(families)) (pods[family] ??= []).push(pod)
  return pods
}

function differenceIn(family: string, found: readonly string[], expected: ReadonlySet<string>): string | undefined {
  const foreign = found.find((pod) => !expected.has(pod))
  if (foreign !== undefined) return `${family} of ${foreign}, which is gone`
  return found.length === expected.size ? undefined : `${family}: ${found.length} series, and not ${expected.size}`
}

function sumOf(text: string, counter: string): number {
  const samples = text.matchAll(new RegExp(`^${counter}(?:\\{[^}]*\\})? (\\S+)`, 'gm'))
  return Array.from(samples, ([, value]) => Number(value)).reduce((sum, value) => sum + value, 0)
}
