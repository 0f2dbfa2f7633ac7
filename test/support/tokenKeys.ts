import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export interface TokenKeys {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
  readonly publicPem: string
  readonly privatePem: string
}

export type KeyKind = 'ed25519' | 'P-256' | 'P-384' | 'rsa'

export function createTokenKeys(kind: KeyKind = 'ed25519'): TokenKeys {
  const { publicKey, privateKey } = generate(kind)
  return {
    publicKey,
    privateKey,
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

function generate(kind: KeyKind): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  if (kind === 'ed25519') return generateKeyPairSync('ed25519')
  return kind === 'rsa'
    ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : generateKeyPairSync('ec', { namedCurve: kind })
}

/** Creates a folder that is removed after the test. `write` writes a file and returns its path. */
export function keyFolder(): { readonly write: (name: string, text: string) => string } {
  const folder = mkdtempSync(join(tmpdir(), 'svidwatch-keys-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return {
    write: (name, text) => {
      const path = join(folder, name)
      writeFileSync(path, text)
      return path
    },
  }
}
