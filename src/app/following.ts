import type { Config } from '../config/config.ts'
import { SvidwatchError } from '../errors.ts'
import type { FileCalls } from '../files/fileCalls.ts'
import { signingKeyFile, TokenSigner } from '../nodeStream/tokens.ts'
import { KeyKeeper } from '../sources/nodeFindings/keyKeeper.ts'
import { createNodeFindings, type NodeFindingsOptions } from '../sources/nodeFindings/nodeFindings.ts'
import type { Source } from '../sources/source.ts'

interface FollowingOptions extends Pick<NodeFindingsOptions, 'client' | 'clock' | 'pageSize'> {
  readonly settings: Config['nodeFindings']
  readonly files: FileCalls
}

/** Returns the source that follows node roles, with the signing key from a file or from a Secret. */
export function createFollowing({ settings, client, clock, pageSize, files }: FollowingOptions): Source {
  const { service, signingKey: file, signingSecret: secret, publicKeysConfigMap: publicKeys } = settings
  const keys = secret && new KeyKeeper({ client, clock, secret, publicKeys })
  const signingKey = keys?.signingKey ?? (file === undefined ? undefined : signingKeyFile(file, files))
  if (service === undefined || signingKey === undefined)
    throw new SvidwatchError(
      'config_invalid',
      'nodeFindings: service and a signing key are required to follow node roles',
    )
  return createNodeFindings({ client, clock, pageSize, service, keys, signer: new TokenSigner(signingKey, clock) })
}
