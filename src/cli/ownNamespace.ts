import { readFile } from 'node:fs/promises'
import { SvidwatchError } from '../errors.ts'
import { NoAnswer, type FileCalls } from '../files/fileCalls.ts'
import { systemCodeOf, systemReason } from '../files/systemReason.ts'

/**
 * The file that names the namespace of a pod with a service account's token. `/var/run` is a symlink in most images. It is not
 * resolved before reading, so that Node's permission model needs to allow no other folder.
 */
const namespaceFile = '/var/run/secrets/kubernetes.io/serviceaccount/namespace'

/**
 * Returns the namespace of this pod; undefined if this is no pod, or one without a token. Throws a `SvidwatchError` with code
 * `config_invalid` if the file cannot be read: without the namespace, no state would be stored.
 */
export async function ownNamespace(files: FileCalls, file = namespaceFile): Promise<string | undefined> {
  const text = await files
    .run(file, () => readFile(file, 'utf8'))
    .catch((error: unknown) => {
      if (systemCodeOf(error) === 'ENOENT' || systemCodeOf(error) === 'ENOTDIR') return undefined
      throw unreadable(file, systemReason(error))
    })
  if (text instanceof NoAnswer) throw unreadable(file, text.detail)
  return text?.trim()
}

function unreadable(file: string, reason: string): SvidwatchError {
  const remedy = 'let svidwatch read the file, or set checkpoint.configMap'
  return new SvidwatchError(
    'config_invalid',
    `cannot read ${file}, which names the namespace of the state: ${reason}; ${remedy}`,
  )
}
