import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { calculateJwkThumbprint } from 'jose'
import type { FileCalls } from '../files/fileCalls.ts'

/** The algorithms that may sign tokens (RFC 7518, RFC 8037). Each belongs to one type of key. */
export const algorithms = ['EdDSA', 'ES256'] as const
type Algorithm = (typeof algorithms)[number]

/** A key and the algorithm that it signs with. */
export interface NamedKey {
  readonly key: KeyObject
  readonly algorithm: Algorithm
  /** The thumbprint of the key (RFC 7638), which tokens name it by. */
  readonly keyId: string
}

/** What is wrong with keys: one line, which contains nothing of the keys, nor where they are. */
export interface KeyProblem {
  readonly problem: string
}

const bounds = { maxBytes: 65_536, mayBeKey: true }
/** The most public keys in a file: those of several releases, each with its next one while keys are being replaced. */
export const maxPublicKeys = 16

/** Returns the only private key of a PEM file (PKCS #8). */
export async function readPrivateKey(files: FileCalls, path: string): Promise<NamedKey | KeyProblem> {
  const file = await files.readText(path, bounds)
  return 'problem' in file ? { problem: file.detail } : parsePrivateKey(file.text)
}

/** Returns the only private key of a PEM text (PKCS #8). */
export async function parsePrivateKey(text: string): Promise<NamedKey | KeyProblem> {
  const labels = labelsOf(text)
  if (labels.length !== 1 || labels[0] !== 'PRIVATE KEY') {
    return { problem: 'it must hold one PEM block, of type PRIVATE KEY (PKCS #8, not encrypted)' }
  }
  return namedKey(text, createPrivateKey)
}

/** Returns the public keys of a PEM file (`parsePublicKeys`). */
export async function readPublicKeys(files: FileCalls, path: string): Promise<readonly NamedKey[] | KeyProblem> {
  const file = await files.readText(path, bounds)
  return 'problem' in file ? { problem: file.detail } : parsePublicKeys(file.text)
}

/**
 * Returns the public keys of a PEM text (SubjectPublicKeyInfo), one or more. A text that contains a private key is refused without
 * being parsed, since a private key does not belong on a node.
 */
export async function parsePublicKeys(text: string): Promise<readonly NamedKey[] | KeyProblem> {
  if (text.includes('PRIVATE KEY')) return { problem: 'it holds a private key: replace it with the public half' }
  const labels = labelsOf(text)
  if (labels.length === 0 || labels.length > maxPublicKeys || labels.some((label) => label !== 'PUBLIC KEY')) {
    return { problem: `it must hold 1 to ${maxPublicKeys} PEM blocks, all of type PUBLIC KEY` }
  }
  const keys: NamedKey[] = []
  const blocks = text.split(/(?=-----BEGIN )/).slice(-labels.length)
  for (const [index, block] of blocks.entries()) {
    const key = await namedKey(block, createPublicKey)
    if ('problem' in key) return { problem: `key ${index + 1}: ${key.problem}` }
    keys.push(key)
  }
  return keys
}

/** Returns the labels of the PEM blocks of a text (RFC 7468), in order. */
function labelsOf(text: string): readonly (string | undefined)[] {
  return Array.from(text.matchAll(/-----BEGIN ([^-]*)/g), ([, label]) => label)
}

async function namedKey(pem: string, create: (pem: string) => KeyObject): Promise<NamedKey | KeyProblem> {
  const key = keyFrom(pem, create)
  if (key === undefined) return { problem: 'its PEM block holds no key' }
  const algorithm = algorithmOf(key)
  if (algorithm === undefined) return { problem: 'it must be an Ed25519 key or one on the curve P-256' }
  const publicHalf = key.type === 'private' ? createPublicKey(key) : key
  return { key, algorithm, keyId: await calculateJwkThumbprint(publicHalf.export({ format: 'jwk' })) }
}

function keyFrom(pem: string, create: (pem: string) => KeyObject): KeyObject | undefined {
  try {
    return create(pem)
  } catch {
    return undefined
  }
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): Algorithm | undefined {
  if (asymmetricKeyType === 'ed25519') return 'EdDSA'
  return asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1' ? 'ES256' : undefined
}
