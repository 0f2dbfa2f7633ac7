import { renewalRules } from '../identity/renewal.ts'
import type { Config } from './config.ts'
import { problemLines } from './problemLines.ts'
import { problemsOf } from './problems.ts'
import { defaultRenewal } from './renewBefore.ts'
import { schema } from './schema.ts'
import { readYaml } from './yamlFile.ts'

/**
 * Returns the settings of a configuration file, with defaults for those that the file does not give. `text` is undefined where
 * there is no file. Returns all problems of the file otherwise, one line each, beginning with the file name and the line number.
 */
export function resolveConfig(
  text: string | undefined,
  fileName: string,
): { readonly config: Config } | { readonly problems: readonly string[] } {
  const file = readYaml(text ?? '', fileName)
  if ('problems' in file) return { problems: problemLines(file.problems, (problem) => problem) }
  const result = schema.safeParse(file.value)
  if (!result.success) {
    const problems = problemsOf(result.error, schema, file.value)
    return { problems: problemLines(problems, ({ path, message }) => `${file.whereIs(path)}: ${message}`) }
  }
  const { drivers, files, servedSvids, checkpoint, readiness, ...rest } = result.data
  const { interval, ...committed } = checkpoint
  const { interval: probeInterval, timeout, ...served } = servedSvids
  return {
    config: {
      ...rest,
      drivers: drivers.map(({ name, renewBefore = defaultRenewal(name) }) => ({ name, renewal: renewBefore })),
      files: files.map(({ renewBefore = renewalRules.other, ...file }) => ({ ...file, renewal: renewBefore })),
      servedSvids: { ...served, intervalMs: probeInterval, timeoutMs: timeout },
      checkpoint: { ...committed, intervalMs: interval },
      readiness: { deadlineMs: readiness.deadline },
    },
  }
}
