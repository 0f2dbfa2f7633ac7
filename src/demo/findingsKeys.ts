import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The PEM files that join the cluster role and the node roles. */
export interface FindingsKeys {
  readonly signingKey: string
  readonly publicKeys: string
}

/** Makes a key pair and writes it into an existing folder, the private half for its owner only. */
export async function writeFindingsKeys(folder: string): Promise<FindingsKeys> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const files = { signingKey: join(folder, 'signing-key.pem'), publicKeys: join(folder, 'public-keys.pem') }
  await writeFile(files.signingKey, privateKey, { mode: 0o600 })
  await writeFile(files.publicKeys, publicKey)
  return files
}
