import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import type { Observation } from '../../src/ledger/observations.ts'
import {
  createBundleEndpoints,
  type BundleEndpointsOptions,
} from '../../src/sources/bundleEndpoints/bundleEndpoints.ts'
import { ManualClock } from './manualClock.ts'
import { realFiles } from './realFiles.ts'

type Outcome = Extract<Observation, { kind: 'bundle' | 'bundleTrouble' }>

/** How long real sockets may take, in real time. */
const patience = { timeout: 20_000, interval: 5 }

/** A running bundleEndpoints source with its clock and its observations. */
export class AskedEndpoints {
  readonly clock = new ManualClock()
  readonly observations: Observation[] = []

  constructor({
    endpoints = [],
    files = realFiles,
    remembered = () => undefined,
  }: Partial<Omit<BundleEndpointsOptions, 'clock'>>) {
    this.clock.randomValue = 0
    const source = createBundleEndpoints({ clock: this.clock, files, endpoints, remembered })
    source.start((observation) => this.observations.push(observation), new AbortController().signal)
    onTestFinished(() => source.close())
  }

  outcomes(trustDomain: string): readonly Outcome[] {
    return this.observations.filter(
      (one): one is Outcome =>
        (one.kind === 'bundle' || one.kind === 'bundleTrouble') && one.trustDomain === trustDomain,
    )
  }

  /** Waits for the `count`th outcome. Advances the clock while `isStalled` reports that the server does nothing more. */
  async outcome(trustDomain: string, count = 1, isStalled: () => boolean = () => false): Promise<Outcome> {
    return vi.waitFor(async () => {
      if (isStalled()) await this.clock.advance(1000)
      const outcome = this.outcomes(trustDomain)[count - 1]
      if (outcome === undefined) throw new Error(`no outcome ${count} of ${trustDomain} yet`)
      return outcome
    }, patience)
  }
}

/** Creates a file that is removed after the test. `write` replaces its content. */
export function temporaryFile(content: string): { readonly path: string; readonly write: (content: string) => void } {
  const folder = mkdtempSync(join(tmpdir(), 'svidwatch-bundle-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'bundle')
  const write = (text: string) => writeFileSync(path, text)
  write(content)
  return { path, write }
}

/** Returns the reason of a failure, or `bundle`. */
export function codeOf(outcome: Outcome): string {
  return outcome.kind === 'bundle' ? 'bundle' : outcome.reason
}
