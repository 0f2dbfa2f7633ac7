import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { serve } from '../../../src/cli/serve.ts'

/** A process that nobody asks to stop. */
const unasked = { version: '1.2.3', stopping: new Promise<never>(() => undefined) }

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'svidwatch-settings-'))
  onTestFinished(() => rm(path, { recursive: true }))
  return path
}

test.each([
  ['nowhere.yaml', undefined, 'it does not exist'],
  ['.', undefined, 'it is not a regular file'],
  ['large.yaml', `#${'x'.repeat(1_048_576)}`, 'it is larger than 1048576 bytes'],
  ['tls.key', 'roles: [node]', 'it leads to tls.key, which is the name of a private key'],
])('settings that cannot be read (%s) are told with their path', async (name, text, says) => {
  const config = join(await folder(), name)
  if (text !== undefined) await writeFile(config, text)
  await expect(serve({ config, ...unasked })).rejects.toMatchObject({
    code: 'config_invalid',
    message: `cannot read the configuration file ${config}: ${says}`,
  })
})

test('an empty settings file is one without settings', async () => {
  const config = join(await folder(), 'svidwatch.yaml')
  await writeFile(config, '')
  await expect(serve({ config, ...unasked })).rejects.toMatchObject({
    message: expect.stringMatching(/^no role: /) as string,
  })
})

test('a role that needs settings to watch anything says which', async () => {
  await expect(serve({ role: ['standalone'], ...unasked })).rejects.toMatchObject({
    code: 'config_invalid',
    message: 'there is nothing to watch: set files or servedSvids or bundleEndpoints in the configuration file',
  })
})
