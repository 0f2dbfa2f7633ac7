import type { Config } from '../config/config.ts'
import { SvidwatchError } from '../errors.ts'
import type { FileCalls } from '../files/fileCalls.ts'
import { signingKeyFile, TokenSigner, type SigningKey } from '../nodeStream/tokens.ts'
import { KeyKeeper } from '../sources/nodeFindings/keyKeeper.ts'
import { createNodeFindings, type NodeFindingsOptions } from '../sources/nodeFindings/nodeFindings.ts'
import type { Source } from '../sources/source.ts'

type Settings = Config['nodeFindings']
type Options = Settings & Pick<NodeFindingsOptions, 'client' | 'clock' | 'pageSize'> & { readonly files: FileCalls }

/** Returns the source that follows node roles, with the signing key from a file or from a Secret. */
export function createFollowing({ service, client, clock, pageSize, ...options }: Options): Source {
  const keys = keptKeys({ ...options, client, clock })
  const signingKey = keys?.signingKey ?? fileKey(options)
  if (service === undefined || signingKey === undefined)
    throw new SvidwatchError(
      'config_invalid',
      'nodeFindings: service and a signing key are required to follow node roles',
    )
  return createNodeFindings({ client, clock, pageSize, service, keys, signer: new TokenSigner(signingKey, clock) })
}

function keptKeys({
  signingSecret: secret,
  publicKeysConfigMap: publicKeys,
  client,
  clock,
}: Pick<Options, 'signingSecret' | 'publicKeysConfigMap' | 'client' | 'clock'>): KeyKeeper | undefined {
  return secret && new KeyKeeper({ client, clock, secret, publicKeys })
}

const fileKey = ({ signingKey, files }: Pick<Options, 'signingKey' | 'files'>): SigningKey | undefined =>
  signingKey === undefined ? undefined : signingKeyFile(signingKey, files)
