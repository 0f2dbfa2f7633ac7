import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ownNamespace } from '../../../src/cli/ownNamespace.ts'
import { realFiles } from '../../support/realFiles.ts'
import { temporaryFolder } from '../../support/spawnedProgram.ts'

test('a pod is in the namespace that its service account names', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'namespace'), 'svidwatch\n')
  await symlink(folder, join(folder, 'run'))
  expect(await ownNamespace(realFiles, join(folder, 'run/namespace'))).toBe('svidwatch')
})

test('without a service account there is no namespace', async () => {
  expect(await ownNamespace(realFiles, '/nowhere/namespace')).toBeUndefined()
})

test('a namespace that cannot be read is an error, since no state would be stored without it', async () => {
  const folder = await temporaryFolder()
  await expect(ownNamespace(realFiles, folder)).rejects.toMatchObject({
    code: 'config_invalid',
    message: `cannot read ${folder}, which names the namespace of the state: EISDIR: illegal operation on a directory, read; let svidwatch read the file, or set checkpoint.configMap`,
  })
})
