import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { maxPublicKeys, parsePrivateKey, parsePublicKeys, type NamedKey } from '../../nodeStream/keys.ts'
import { placeOf, withContent, type ObjectName, type RequestingClient } from './keyObjects.ts'
import { KeysError } from './keysError.ts'

/** The keys under which the objects hold the two halves of the pair. */
const privateKeyName = 'key.pem'
const publicKeysName = 'public.pem'

/**
 * Returns the signing key of a Secret. Makes one if the Secret has none; of several processes that do so at the same time, all return
 * the same key. Throws a `KeysError`.
 */
export function signingKeyIn(client: RequestingClient, secret: ObjectName, signal: AbortSignal): Promise<NamedKey> {
  const object = { kind: 'Secret', ...secret } as const
  return withContent({ client, object, key: privateKeyName, signal }, async ({ text = '', replace }) => {
    const isThere = text.trim() !== ''
    const pem = isThere ? text : newPrivateKey()
    const key = await parsePrivateKey(pem)
    if ('problem' in key) {
      const remedy = 'remove it, and svidwatch makes a new one'
      throw new KeysError('configuration', `${placeOf(object)}: ${privateKeyName}: ${key.problem}; ${remedy}`)
    }
    return isThere || (await replace(pem)) ? key : undefined
  })
}

/**
 * Adds the public half of a key to the public keys of a ConfigMap, unless it is there. Returns the ids of the keys that were there
 * before. Throws a `KeysError`.
 */
export function publish(
  client: RequestingClient,
  configMap: ObjectName,
  { key, keyId }: NamedKey,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const object = { kind: 'ConfigMap', ...configMap } as const
  return withContent({ client, object, key: publicKeysName, signal }, async ({ text = '', replace }) => {
    const refuse = (problem: string) =>
      new KeysError('configuration', `${placeOf(object)}: ${publicKeysName}: ${problem}`)
    const keys = text.trim() === '' ? [] : await parsePublicKeys(text)
    if ('problem' in keys) throw refuse(`${keys.problem}; remove what is wrong, and svidwatch adds its key`)
    const ids = new Set(keys.map((one) => one.keyId))
    if (ids.has(keyId)) return ids
    if (keys.length >= maxPublicKeys)
      throw refuse(`it has ${keys.length} keys, and node roles accept no more: remove those that nobody signs with`)
    const before = text.trim() === '' ? '' : `${text.trimEnd()}\n`
    const added = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
    return (await replace(before + added)) ? ids : undefined
  })
}

function newPrivateKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}
