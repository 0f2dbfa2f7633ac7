import { createPublicKey, type JsonWebKeyInput, type KeyObject } from 'node:crypto'
import type { JwtAuthority, SpiffeBundle } from './spiffeBundle.ts'
import { isAbsent, isObject } from './strictJson.ts'
import { authorityFromDer, type X509Authority } from './x509Authority.ts'

/** Why a text is not a SPIFFE bundle. `detail` is one line and may quote the text. */
export interface NotABundle {
  readonly problem: 'malformed_json' | 'malformed_bundle' | 'malformed_authority'
  readonly detail: string
}

type Authorities = Pick<SpiffeBundle, 'x509Authorities' | 'jwtAuthorities'>

/** One element of `keys`. */
interface Jwk {
  readonly members: Readonly<Record<string, unknown>>
  /** Its place in the document, for messages. */
  readonly path: string
}

const maxKeys = 1000
const maxKeyIdLength = 1024

/** The key types that can sign SVIDs (RFC 7518, RFC 8037). Others must be ignored (Trust Domain and Bundle, section 4.2.1). */
const knownTypes: readonly unknown[] = ['EC', 'RSA', 'OKP']

/** Returns the authorities in `keys`. A key that breaks a rule for its use makes the bundle malformed. */
export function bundleKeys(keys: unknown): Authorities | NotABundle {
  if (keys === undefined) return malformed('keys', 'is missing')
  if (!Array.isArray(keys)) return malformed('keys', 'is not an array')
  if (keys.length > maxKeys) return malformed('keys', `has more than ${maxKeys} elements`)

  const x509 = new Map<string, X509Authority>()
  const jwt = new Map<string, JwtAuthority>()
  for (const [index, members] of keys.entries()) {
    const authority = authorityOf(members, `keys[${index}]`)
    if (authority === undefined) continue
    if ('problem' in authority) return authority
    if ('der' in authority) x509.set(authority.der, authority)
    else jwt.set(authority.keyId, authority)
  }
  return { x509Authorities: [...x509.values()], jwtAuthorities: [...jwt.values()] }
}

/** Returns undefined if the element is to be ignored. */
function authorityOf(members: unknown, path: string): X509Authority | JwtAuthority | NotABundle | undefined {
  if (!isObject(members)) return malformed(path, 'is not an object')
  for (const name of ['kty', 'use']) {
    const value = members[name]
    if (!isAbsent(value) && typeof value !== 'string') return malformed(`${path}.${name}`, 'is not a string')
  }
  if (!knownTypes.includes(members.kty)) return undefined
  if (members.use === 'x509-svid') return x509Authority({ members, path })
  return members.use === 'jwt-svid' ? jwtAuthority({ members, path }) : undefined
}

/** By X509-SVID section 6.2, only the first value of `x5c` is used, and an element without one is ignored. */
function x509Authority({ members, path }: Jwk): X509Authority | NotABundle | undefined {
  const x5c = members.x5c ?? []
  if (!Array.isArray(x5c)) return malformed(`${path}.x5c`, 'is not an array')
  const [first] = x5c as readonly unknown[]
  if (first === undefined) return undefined
  if (typeof first !== 'string') return malformed(`${path}.x5c[0]`, 'is not a string')

  const read = authorityFromDer(withoutLineEnds(first))
  if ('detail' in read) return notAnAuthority(`${path}.x5c[0]`, read.detail)
  const key = publicKeyOf(members)
  if (key?.equals(read.publicKey) === false) {
    return notAnAuthority(path, 'its key is not the key of its certificate (RFC 7517 section 4.7)')
  }
  return read.authority
}

/** go-spiffe skips line ends in base64, which RFC 7517 section 4.7 does not allow. */
const withoutLineEnds = (base64: string): string => base64.replaceAll(/[\r\n]+/g, '')

/** By RFC 7517 section 5, a JWK without a required member (JWT-SVID section 6.1: `kid`) or without a usable key is ignored. */
function jwtAuthority({ members, path }: Jwk): JwtAuthority | NotABundle | undefined {
  const { kid, exp } = members
  if (isAbsent(kid)) return undefined
  if (typeof kid !== 'string') return malformed(`${path}.kid`, 'is not a string')
  if (kid.length > maxKeyIdLength) return notAnAuthority(`${path}.kid`, `is longer than ${maxKeyIdLength} characters`)
  if (publicKeyOf(members) === undefined) return undefined
  // `exp`, in seconds, is registered for JWKs by OpenID Federation. SPIFFE does not mention it.
  return { keyId: kid, ...(typeof exp === 'bigint' && { expiresMs: Number(exp) * 1000 }) }
}

/** Returns the public key in the members of a JWK; undefined if there is none that OpenSSL knows. */
function publicKeyOf(members: Readonly<Record<string, unknown>>): KeyObject | undefined {
  const { kty, crv, x, y, n, e } = members
  try {
    // createPublicKey checks the members.
    return createPublicKey({ key: { kty, crv, x, y, n, e } as JsonWebKeyInput['key'], format: 'jwk' })
  } catch {
    return undefined
  }
}

function malformed(path: string, problem: string): NotABundle {
  return { problem: 'malformed_bundle', detail: `${path} ${problem}` }
}

function notAnAuthority(path: string, problem: string): NotABundle {
  return { problem: 'malformed_authority', detail: `${path}: ${problem}` }
}
