import { createPrivateKey, createPublicKey, hash, sign, type KeyObject } from 'node:crypto'

/** A key that is made from a name, the same each time. */
export interface Key {
  readonly privateKey: KeyObject
  /** The SubjectPublicKeyInfo. */
  readonly spki: Buffer
  /** The key identifier that certificates with this key have. */
  readonly id: Buffer
}

/** The bytes before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410 section 7). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Returns an Ed25519 key. */
export function keyOf(name: string): Key {
  return keyIn(Buffer.concat([pkcs8Prefix, Buffer.from(hash('sha256', name), 'hex')]))
}

function keyIn(pkcs8: Buffer): Key {
  const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  return { privateKey, spki, id: Buffer.from(hash('sha1', spki), 'hex') }
}

/** The same for Ed448, which go-spiffe does not know. */
const ed448Prefix = Buffer.from('3047020100300506032b6571043b0439', 'hex')

export function ed448KeyOf(name: string): Key {
  const seed = Buffer.from(hash('sha512', name), 'hex').subarray(0, 57)
  return keyIn(Buffer.concat([ed448Prefix, seed]))
}

/** Encodes a value in DER. */
export function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents)
  const { length } = content
  const octets =
    length < 0x80
      ? [length]
      : length < 0x100
        ? [0x81, length]
        : length < 0x10000
          ? [0x82, length >> 8, length & 0xff]
          : [0x83, length >> 16, (length >> 8) & 0xff, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...octets]), content])
}

export const sequence = (...members: readonly Buffer[]): Buffer => der(0x30, ...members)
export const octets = (...members: readonly Buffer[]): Buffer => der(0x04, ...members)
/** The contents octets are in hex. */
export const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))
export const integer = (hex: string): Buffer => der(0x02, Buffer.from(hex, 'hex'))
const yes = der(0x01, Buffer.from([0xff]))
const bits = (content: Buffer): Buffer => der(0x03, Buffer.from([0]), content)

/** A name with one common name, or without parts. */
const nameOf = (common: string): Buffer =>
  common === '' ? sequence() : sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(common)))))

/** Years up to 2049 are written with two digits (RFC 5280 section 4.1.2.5). */
function timeOf(iso: string): Buffer {
  const digits = `${iso.replaceAll(/[^0-9]/g, '').padEnd(14, '0')}Z`
  return iso < '2050' ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits))
}

export const ed25519 = sequence(oid('2b6570'))
export const ed448 = sequence(oid('2b6571'))

/** What a certificate says. */
export interface Contents {
  readonly subject: string
  readonly issuer: string
  readonly spki: Buffer
  /** ISO 8601, such as 2026-01-01 or 2026-01-01T12:00:00. */
  readonly from: string
  readonly to: string
  readonly extensions: readonly Buffer[]
  /** In hex. */
  readonly serial?: string
  readonly isVersion1?: boolean
  /** The algorithm inside of what is signed, and the one beside the signature. */
  readonly signedAlgorithm?: Buffer
  readonly algorithm?: Buffer
}

/** Returns the DER of a certificate. `signs` returns the signature of the bytes that it gets. */
export function certificate(contents: Contents, signs: (body: Buffer) => Buffer): Buffer {
  const { subject, issuer, spki, from, to, extensions, serial = '11' } = contents
  const { isVersion1 = false, algorithm = ed25519, signedAlgorithm = algorithm } = contents
  const body = sequence(
    ...(isVersion1 ? [] : [der(0xa0, integer('02'))]),
    integer(serial),
    signedAlgorithm,
    nameOf(issuer),
    sequence(timeOf(from), timeOf(to)),
    nameOf(subject),
    spki,
    ...(isVersion1 || extensions.length === 0 ? [] : [der(0xa3, sequence(...extensions))]),
  )
  return sequence(body, algorithm, bits(signs(body)))
}

export const signedBy =
  ({ privateKey }: Key) =>
  (body: Buffer): Buffer =>
    sign(null, body, privateKey)

/** An extension of a certificate, given the contents octets of its identifier in hex. */
export const extension = (id: string, value: Buffer, critical = false): Buffer =>
  sequence(oid(id), ...(critical ? [yes] : []), octets(value))

/** The bits of a key usage by their names, in the first octet. */
const usages = { digitalSignature: 0x80, keyEncipherment: 0x20, keyCertSign: 0x04, cRLSign: 0x02 }
export type Usage = keyof typeof usages

export function keyUsage(names: readonly Usage[], critical = true): Buffer {
  const octet = names.reduce((sum, name) => sum | usages[name], 0)
  const unused = Math.max(0, Math.clz32(octet & -octet) === 32 ? 0 : 31 - Math.clz32(octet & -octet))
  return extension('551d0f', der(0x03, Buffer.from([unused, octet])), critical)
}

/** The purposes of an extended key usage, as contents octets in hex. */
export const purposes = {
  server: '2b06010505070301',
  client: '2b06010505070302',
  code: '2b06010505070303',
  any: '551d2500',
}
export const extendedKeyUsage = (...ids: readonly string[]): Buffer => extension('551d25', sequence(...ids.map(oid)))

export const basicConstraints = (isCa: boolean, pathLength?: number): Buffer =>
  extension(
    '551d13',
    sequence(
      ...(isCa ? [yes] : []),
      ...(pathLength === undefined ? [] : [integer(pathLength.toString(16).padStart(2, '0'))]),
    ),
    true,
  )

export const uri = (value: string): Buffer => der(0x86, Buffer.from(value))
export const dns = (value: string): Buffer => der(0x82, Buffer.from(value))
export const names = (...values: readonly Buffer[]): Buffer => extension('551d11', sequence(...values))

export const subjectKeyId = ({ id }: Key): Buffer => extension('551d0e', octets(id))
export const authorityKeyId = ({ id }: Key, critical = false): Buffer =>
  extension('551d23', sequence(der(0x80, id)), critical)

/** Name constraints on these names. */
export const nameConstraints = (permitted: readonly Buffer[], excluded: readonly Buffer[] = []): Buffer =>
  extension(
    '551d1e',
    sequence(
      ...(permitted.length === 0 ? [] : [der(0xa0, ...permitted.map((name) => sequence(name)))]),
      ...(excluded.length === 0 ? [] : [der(0xa1, ...excluded.map((name) => sequence(name)))]),
    ),
    true,
  )

/** The name of a directory, as a constraint: a type that go-spiffe does not know. */
export const directory = (common: string): Buffer => der(0xa4, nameOf(common))

/** An extension that no program knows. */
export const unknownExtension = (critical: boolean): Buffer => extension('2b0601040182377f01', octets(), critical)

export const pemOf = (certificates: readonly Buffer[]): string =>
  certificates
    .map(
      (one) =>
        `-----BEGIN CERTIFICATE-----\n${one.toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd()}\n-----END CERTIFICATE-----\n`,
    )
    .join('')
