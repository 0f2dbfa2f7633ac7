import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>
  readonly 'timeout-minutes'?: number
  readonly steps: readonly Step[]
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions?: unknown
  readonly jobs: Readonly<Record<string, Job>>
}

const folder = join(import.meta.dirname, '../../.github/workflows')
const workflows = readdirSync(folder).map((name) => {
  const text = readFileSync(join(folder, name), 'utf8')
  return { name, text, ...(parse(text) as Workflow) }
})

/** The rights that a job may have beside reading the sources, each for a step that needs it. */
const rights: Readonly<Record<string, RegExp>> = {
  packages: /docker\/login-action@/,
  'id-token': /cosign sign|npm publish/,
  attestations: /actions\/attest@/,
}

describe.each(workflows)('the workflow $name', ({ text, on, permissions, jobs }) => {
  const steps = Object.values(jobs).flatMap((job) => job.steps)

  it('is started by a tag only, which needs the right to write', () => {
    expect(on).toEqual({ push: { tags: expect.any(Array) as unknown } })
  })

  it('uses actions of a known commit, the same in each job, with the version for readers', () => {
    const used = Array.from(text.matchAll(/uses: (.*)$/gm), ([, action = '']) => action)
    for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
    const names = new Set(used.map((action) => action.split('@')[0]))
    expect(new Set(used).size).toBe(names.size)
    expect(used.length).toBe(steps.filter(({ uses }) => uses !== undefined).length)
  })

  it('puts nothing from outside into its scripts, where it would be run', () => {
    expect(steps.filter(({ run = '' }) => run.includes('${{'))).toEqual([])
  })

  it('leaves no credentials in the sources that it builds', () => {
    const checkouts = steps.filter(({ uses = '' }) => uses.startsWith('actions/checkout@'))
    expect(checkouts.map((step) => step.with?.['persist-credentials'])).toEqual(checkouts.map(() => false))
  })

  it('runs no scripts of packages, which could use the rights of the job', () => {
    const installing = steps.flatMap(({ run = '' }) => run.match(/npm (?:ci|install).*/g) ?? [])
    expect(installing).not.toEqual([])
    expect(new Set(installing)).toEqual(new Set(['npm ci --ignore-scripts']))
  })

  it('gives each job the rights that its steps use and no others, and an end', () => {
    expect(permissions).toEqual({})
    for (const job of Object.values(jobs)) {
      const content = JSON.stringify(job.steps)
      const used = Object.entries(rights).filter(([, use]) => use.test(content))
      expect(job.permissions).toEqual({
        contents: 'read',
        ...Object.fromEntries(used.map(([right]) => [right, 'write'])),
      })
      expect(job['timeout-minutes']).toBeGreaterThan(0)
    }
  })
})
