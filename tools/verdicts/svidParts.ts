import {
  basicConstraints,
  certificate,
  keyOf,
  keyUsage,
  names,
  signedBy,
  uri,
  type Contents,
  type Key,
} from './certificateBuilder.ts'

/** Whom svidwatch follows where go-spiffe and OpenSSL differ, and why. */
export interface Difference {
  readonly follows: 'go-spiffe' | 'OpenSSL'
  readonly why: string
}

/** A chain, leaf first, and the certificates of a trust bundle, in DER. */
export interface SvidCase {
  readonly name: string
  readonly chain: readonly Buffer[]
  readonly bundle: readonly Buffer[]
  /** When it is judged; `noon` by default. */
  readonly at?: string
  /** What svidwatch says: a problem of reading, a refusal, `not_yet_valid`, `expired` or `accepted`. */
  readonly says: string
  /** Set where go-spiffe and OpenSSL differ. */
  readonly differ?: Difference
}

/** When all certificates are judged that have no fault of their dates. */
export const noon = '2026-07-01T12:00:00Z'

export const spiffeRule: Difference = {
  follows: 'go-spiffe',
  why: 'it is a rule of SPIFFE, which OpenSSL does not know',
}

export const leafKey = keyOf('leaf')
export const rootKey = keyOf('root')
export const middleKey = keyOf('middle')
export const otherKey = keyOf('other')

export const webId = uri('spiffe://example.org/ns/team-a/sa/web')

/** What a leaf says, and who signs it; a good one by default. */
export interface LeafOptions extends Partial<Contents> {
  readonly by?: Key
  readonly signs?: (body: Buffer) => Buffer
}

export const leafUsage = keyUsage(['digitalSignature'])

export function leaf({ by = rootKey, signs = signedBy(by), ...contents }: LeafOptions = {}): Buffer {
  return certificate(
    {
      subject: 'web',
      issuer: by === middleKey ? 'middle' : 'root',
      spki: leafKey.spki,
      from: '2026-01-01',
      to: '2027-01-01',
      extensions: [leafUsage, names(webId)],
      ...contents,
    },
    signs,
  )
}

/** What a CA says, and who signs it. */
export interface CaOptions extends Partial<Contents> {
  readonly key?: Key
  readonly by?: Key
  readonly signs?: (body: Buffer) => Buffer
}

export const caUsage = keyUsage(['keyCertSign', 'cRLSign'])
export const caExtensions = [basicConstraints(true), caUsage]

/** Returns a self-signed authority. */
export const root = (options: CaOptions = {}): Buffer =>
  ca({ subject: 'root', issuer: 'root', key: rootKey, ...options })

/** Returns an intermediate that the root has signed. */
export const middle = (options: CaOptions = {}): Buffer =>
  ca({ subject: 'middle', issuer: 'root', key: middleKey, by: rootKey, ...options })

function ca({ key = rootKey, by = key, signs = signedBy(by), ...contents }: CaOptions): Buffer {
  return certificate(
    {
      subject: 'root',
      issuer: 'root',
      spki: key.spki,
      from: '2020-01-01',
      to: '2036-01-01',
      extensions: caExtensions,
      ...contents,
    },
    signs,
  )
}

/** A leaf that the intermediate has signed. */
export const lowerLeaf = (options: LeafOptions = {}): Buffer => leaf({ by: middleKey, ...options })

/** Changes one bit in the last octet, which is of the signature. */
export function damaged(one: Buffer): Buffer {
  const copy = Buffer.from(one)
  copy.writeUInt8(copy.readUInt8(copy.length - 1) ^ 1, copy.length - 1)
  return copy
}
