import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { Truth } from '../../bench/leak/churn.ts'
import { compare } from '../../bench/leak/exposed.ts'
import type { Sample } from '../../bench/leak/run.ts'
import { verdictOf } from '../../bench/leak/verdict.ts'

const root = join(import.meta.dirname, '../../..')
/** A few workloads, each of which is renewed or replaced five times: enough for a forgotten object to stand out. */
const small = ['--workloads', '1000', '--hours', '0.25', '--speed', '60', '--renewal-minutes', '3', '--samples', '5']

test(
  'while workloads come and go, the series are those of the live ones, and nothing is left behind',
  {
    timeout: 240_000,
  },
  async () => {
    // It fails where the verdict has a problem.
    const { stdout } = await promisify(execFile)(process.execPath, ['test/bench/leak/leak.ts', ...small], { cwd: root })
    expect(stdout).toMatch(/nothing is left behind\.\n$/)
  },
)

describe('a run', () => {
  const mebibyte = 2 ** 20
  const flat = Array.from({ length: 25 }, (_, index): Sample => {
    const counts = {
      live: 100,
      series: 500,
      issued: index * 100,
      denied: 0,
      lateMs: 0,
      bytes: 0,
      missed: 0,
      objects: 60_000,
    }
    return { ...counts, minute: index * 5, rssBytes: 200 * mebibyte, heapBytes: 50 * mebibyte, difference: undefined }
  })

  test('that is flat has no problem', () => {
    expect(verdictOf(flat).problems).toEqual([])
  })

  test('that leaves an object behind of each SVID has one', () => {
    const leaking = flat.map((sample) => ({ ...sample, objects: 60_000 + sample.issued }))
    expect(verdictOf(leaking).problems).toEqual([expect.stringContaining('objects are left behind: 1.00')])
  })

  test('whose heap grows by a tenth in each half hour has one', () => {
    const growing = flat.map((sample) => ({ ...sample, heapBytes: sample.heapBytes * 1.1 ** (sample.minute / 30) }))
    expect(verdictOf(growing).problems).toEqual([expect.stringContaining('the heap grows')])
  })

  test('that grows in its first quarter only is flat', () => {
    const warming = flat.map((sample) => ({ ...sample, heapBytes: Math.min(sample.minute + 20, 50) * mebibyte }))
    expect(verdictOf(warming).problems).toEqual([])
  })

  test('in which a scrape has differed from the truth once has one', () => {
    const wrong = flat.map((sample) => (sample.minute === 40 ? { ...sample, difference: 'one too few' } : sample))
    expect(verdictOf(wrong).problems).toEqual(['minute 40: one too few'])
  })
})

describe('a scrape differs from the truth', () => {
  const truth: Truth = { pods: new Set(['web-1', 'web-2']), issued: 7, denied: 2, lateMs: 0 }
  const exposition = [
    'spire_svid_expiry_seconds{spiffe_id="spiffe://example.org/web",pod="web-1",issuer=""} 60',
    'spire_svid_expiry_seconds{spiffe_id="spiffe://example.org/web",pod="web-2",issuer=""} 60',
    'spire_attestation_success_total{trust_domain="example.org"} 7',
    'spire_attestation_failure_total{trust_domain="example.org",reason="denied_policy"} 2',
  ]
  const differenceOf = (lines: readonly string[]) => compare(gzipSync(lines.join('\n')), truth).difference

  test('in nothing', () => {
    expect(compare(gzipSync(exposition.join('\n')), truth)).toEqual({ series: 2, difference: undefined })
  })

  test('where a pod that is gone has a series', () => {
    const gone = 'spire_svid_expiry_seconds{pod="web-0"} 1'
    expect(differenceOf([...exposition, gone])).toContain('web-0, which is gone')
  })

  test('where a pod has no series, or none has', () => {
    expect(differenceOf(exposition.slice(1))).toBe('spire_svid_expiry_seconds: 1 series, and not 2')
    expect(differenceOf(exposition.slice(2))).toBe('no series of single SVIDs')
  })

  test('where a counter is not what happened', () => {
    expect(differenceOf(exposition.with(2, 'spire_attestation_success_total{trust_domain="example.org"} 8'))).toBe(
      'spire_attestation_success_total: 8, and not 7',
    )
  })
})
