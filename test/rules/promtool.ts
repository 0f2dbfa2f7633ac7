import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What promtool says, and whether it is content. */
export interface Verdict {
  readonly ok: boolean
  readonly output: string
}

const alerts = join(import.meta.dirname, '../../alerts')

/** The rules as shipped, for a Prometheus that honors labels and for one that does not. */
export const shippedRules = join(alerts, 'svidwatch.rules.yaml')
export const shippedRulesForExported = join(alerts, 'exported-labels.rules.yaml')

export function checkRules(path: string): Verdict {
  return promtool('check', 'rules', path)
}

/** Runs promtool's unit tests, given as the text of a test file. */
export function testRules(tests: string): Verdict {
  const folder = mkdtempSync(join(tmpdir(), 'rules-'))
  try {
    const file = join(folder, 'tests.yaml')
    writeFileSync(file, tests)
    return runTestFile(file)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Runs the unit tests in a file. */
export function runTestFile(path: string): Verdict {
  return promtool('test', 'rules', path)
}

function promtool(...args: readonly string[]): Verdict {
  const { error, status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8', maxBuffer: 2 ** 28 })
  if (error && 'code' in error && error.code === 'ENOENT')
    throw new Error('promtool is not on the PATH: the tests of the rules need the one that comes with Prometheus 3')
  if (error) throw error
  return { ok: status === 0, output: stdout + stderr }
}
