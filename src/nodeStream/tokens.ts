import { createHash, randomUUID } from 'node:crypto'
import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose'
import type { Clock } from '../clock.ts'
import { SvidwatchError } from '../errors.ts'
import type { FileCalls } from '../files/fileCalls.ts'
import { algorithms, readPrivateKey, readPublicKeys, type NamedKey } from './keys.ts'
import type { TokenProblem } from './tokenProblems.ts'

const issuer = 'svidwatch'
const audienceOf = (node: string) => `svidwatch-node:${node}`

const lifetimeS = 60
/** How far the clocks of two machines may differ. */
const clockToleranceS = 30
/** The longest time for which a token is accepted: it may have been issued in the future of this machine. */
export const acceptedMs = (lifetimeS + 2 * clockToleranceS) * 1000
const maxTokenLength = 4_096

/** Returns the key that signs now. Throws a `SvidwatchError` with code `signing_key` if there is none that can be used. */
export type SigningKey = () => Promise<NamedKey>

/** Returns the signing key of a PEM file, which is read for each token, so that a new key takes effect at once. */
export function signingKeyFile(path: string, files: FileCalls): SigningKey {
  return async () => {
    const key = await readPrivateKey(files, path)
    if (!('problem' in key)) return key
    const remedy = 'create one with `openssl genpkey -algorithm ed25519`'
    throw new SvidwatchError('signing_key', `nodeFindings.signingKey: ${path}: ${key.problem}; ${remedy}`)
  }
}

/** Issues the tokens (JWT, RFC 7519) that the cluster role shows to node roles. */
export class TokenSigner {
  readonly #signingKey: SigningKey
  readonly #clock: Clock

  constructor(signingKey: SigningKey, clock: Clock) {
    this.#signingKey = signingKey
    this.#clock = clock
  }

  /**
   * Returns a token that the node role of `node` accepts for 60 s. Throws a `SvidwatchError` with code `signing_key` if the private
   * key cannot be used.
   */
  async tokenFor(node: string): Promise<string> {
    const signing = await this.#signingKey()
    const nowS = Math.floor(this.#clock.now() / 1000)
    return new SignJWT()
      .setProtectedHeader({ alg: signing.algorithm, kid: signing.keyId })
      .setIssuer(issuer)
      .setAudience(audienceOf(node))
      .setJti(randomUUID())
      .setIssuedAt(nowS)
      .setExpirationTime(nowS + lifetimeS)
      .sign(signing.key)
  }
}

/** An accepted token. */
export interface AcceptedToken {
  /** The id of the key that signed the token. */
  readonly keyId: string
  /** A digest of what was signed, which differs between any two tokens. */
  readonly tokenId: string
}

/** An accepted token, or why a request is refused. */
export type Verified = AcceptedToken | { readonly problem: TokenProblem }

/** Verifies the tokens that clients show to a node role. */
export class TokenVerifier {
  readonly #file: string
  readonly #clock: Clock
  readonly #node: string
  readonly #files: FileCalls

  /**
   * `file` is a PEM file with the public keys. It is read for each token, so that a new key is accepted at once and a removed key
   * no longer.
   */
  constructor(file: string, clock: Clock, node: string, files: FileCalls) {
    this.#file = file
    this.#clock = clock
    this.#node = node
    this.#files = files
  }

  /** Verifies the token of an Authorization header (RFC 6750). */
  async verify(authorization: string | undefined): Promise<Verified> {
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
    if (token === undefined) return { problem: 'missing' }
    const header = token.length > maxTokenLength ? undefined : headerOf(token)
    if (header === undefined) return { problem: 'malformed' }
    if (!algorithms.some((algorithm) => algorithm === header.alg)) return { problem: 'wrong_algorithm' }

    const keys = await readPublicKeys(this.#files, this.#file)
    if ('problem' in keys) return { problem: 'keys_unreadable' }
    const named = keys.find(({ keyId }) => keyId === header.kid)
    if (named === undefined) return { problem: 'unknown_key' }
    const problem = await this.#problemOf(token, named)
    return problem === undefined ? { keyId: named.keyId, tokenId: tokenIdOf(token) } : { problem }
  }

  /** Returns what is wrong with the file of public keys, or undefined if it can be used. */
  async keysProblem(): Promise<string | undefined> {
    const keys = await readPublicKeys(this.#files, this.#file)
    return 'problem' in keys ? `nodeFindings.publicKeys: ${this.#file}: ${keys.problem}` : undefined
  }

  async #problemOf(token: string, { key, algorithm }: NamedKey): Promise<TokenProblem | undefined> {
    try {
      await jwtVerify(token, key, {
        algorithms: [algorithm],
        issuer,
        audience: audienceOf(this.#node),
        requiredClaims: ['exp'],
        maxTokenAge: lifetimeS,
        clockTolerance: clockToleranceS,
        currentDate: new Date(this.#clock.now()),
      })
      return undefined
    } catch (error) {
      return problemOf(error)
    }
  }
}

/** Leaves the signature out: whoever has an ECDSA signature can make another one for the same content. */
function tokenIdOf(token: string): string {
  const signed = token.slice(0, token.lastIndexOf('.'))
  return createHash('sha256').update(signed).digest('base64url')
}

function headerOf(token: string): ReturnType<typeof decodeProtectedHeader> | undefined {
  try {
    return decodeProtectedHeader(token)
  } catch {
    return undefined
  }
}

/** The problem that a claim with a wrong value stands for. */
const claimProblems: Readonly<Record<string, TokenProblem>> = {
  iss: 'wrong_issuer',
  aud: 'wrong_audience',
  iat: 'not_yet_valid',
  nbf: 'not_yet_valid',
}

function problemOf(error: unknown): TokenProblem {
  if (error instanceof errors.JWTExpired) return 'expired'
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'wrong_signature'
  if (error instanceof errors.JOSEAlgNotAllowed) return 'wrong_algorithm'
  if (error instanceof errors.JWTClaimValidationFailed && error.reason === 'check_failed') {
    return claimProblems[error.claim] ?? 'malformed'
  }
  if (error instanceof errors.JOSEError) return 'malformed'
  throw error
}
