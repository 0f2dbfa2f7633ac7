import { generateKeyPairSync } from 'node:crypto'
import { calculateJwkThumbprint, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose'
import { describe, expect, it } from 'vitest'
import { signingKeyFile, TokenSigner, TokenVerifier } from '../../../src/nodeStream/tokens.ts'
import { ManualClock } from '../../support/manualClock.ts'
import { createTokenKeys, keyFolder, type KeyKind, type TokenKeys } from '../../support/tokenKeys.ts'
import { realFiles } from '../../support/realFiles.ts'

const keys = createTokenKeys()
const others = createTokenKeys()
const nowS = Math.floor(new ManualClock().now() / 1000)

/** A node that accepts these keys, and the cluster role that has `signing`. */
function setUp(publicPem = keys.publicPem, signing: TokenKeys = keys) {
  const clock = new ManualClock()
  const { write } = keyFolder()
  const publicFile = write('public.pem', publicPem)
  return {
    clock,
    write,
    publicFile,
    signer: new TokenSigner(signingKeyFile(write('key.pem', signing.privatePem), realFiles), clock),
    verifier: new TokenVerifier(publicFile, clock, 'node-1', realFiles),
  }
}

const keyIdOf = ({ publicKey }: TokenKeys) => calculateJwkThumbprint(publicKey.export({ format: 'jwk' }))
const claims: JWTPayload = { iss: 'svidwatch', aud: 'svidwatch-node:node-1', iat: nowS, exp: nowS + 60 }

/** A token as somebody else than the signer could make it. */
async function forge(payload: JWTPayload, header: Record<string, unknown> = {}, by = keys): Promise<string> {
  const kid = await keyIdOf(keys)
  return new SignJWT(payload).setProtectedHeader({ alg: 'EdDSA', kid, ...header }).sign(by.privateKey)
}

/** A token whose parts say this; the signature is of nothing. */
function assemble(header: unknown, payload: unknown = claims): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part(header)}.${part(payload)}.${Buffer.alloc(64).toString('base64url')}`
}

describe('a token of the signer', () => {
  it.each<KeyKind>(['ed25519', 'P-256'])('is accepted by the node that it is for: %s', async (kind) => {
    const pair = createTokenKeys(kind)
    const { signer, verifier } = setUp(pair.publicPem, pair)
    expect(await verifier.verify(`Bearer ${await signer.tokenFor('node-1')}`)).toMatchObject({
      keyId: await keyIdOf(pair),
    })
    expect(await verifier.verify(`bearer ${await signer.tokenFor('node-1')}`)).toHaveProperty('keyId')
  })

  it('differs from any other, also of the same second', async () => {
    const { signer, verifier } = setUp()
    const tokens = await Promise.all(Array.from({ length: 4 }, () => signer.tokenFor('node-1')))
    const verified = await Promise.all(tokens.map((token) => verifier.verify(`Bearer ${token}`)))
    expect(new Set(verified.map((token) => 'tokenId' in token && token.tokenId)).size).toBe(4)
  })

  it('is refused by every other node', async () => {
    const { signer, verifier } = setUp()
    expect(await verifier.verify(`Bearer ${await signer.tokenFor('node-10')}`)).toEqual({ problem: 'wrong_audience' })
  })

  it.each([
    { afterMs: 89_000, problem: undefined },
    { afterMs: 90_000, problem: 'expired' },
    { afterMs: -30_000, problem: undefined },
    { afterMs: -31_000, problem: 'not_yet_valid' },
  ])(
    'lives for a minute, and clocks may differ by 30 s: $afterMs ms after it was made',
    async ({ afterMs, problem }) => {
      const { signer, clock, publicFile } = setUp()
      const token = await signer.tokenFor('node-1')
      const later = new TokenVerifier(publicFile, new ManualClock(clock.now() + afterMs), 'node-1', realFiles)
      const verified = await later.verify(`Bearer ${token}`)
      expect('problem' in verified ? verified.problem : undefined).toBe(problem)
    },
  )
})

describe('keys', () => {
  it('overlap while one replaces the other, and the file is read anew each time', async () => {
    const { signer, verifier, write } = setUp(keys.publicPem)
    const verify = async () => verifier.verify(`Bearer ${await signer.tokenFor('node-1')}`)
    write('key.pem', others.privatePem)
    expect(await verify()).toEqual({ problem: 'unknown_key' })
    write('public.pem', `# the old one\n${keys.publicPem}\n# the new one\n${others.publicPem}`)
    expect(await verify()).toHaveProperty('keyId')
    write('key.pem', keys.privatePem)
    expect(await verify()).toHaveProperty('keyId')
    write('public.pem', others.publicPem)
    expect(await verify()).toEqual({ problem: 'unknown_key' })
  })

  const rsa = createTokenKeys('rsa').publicPem
  it.each([
    ['a private key', keys.privatePem, 'it holds a private key: replace it with the public half'],
    [
      'a private key behind a public one',
      keys.publicPem + keys.privatePem,
      'it holds a private key: replace it with the public half',
    ],
    ['nothing', '', 'it is empty'],
    [
      'a certificate too',
      `${keys.publicPem}-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n`,
      'it must hold 1 to 16 PEM blocks, all of type PUBLIC KEY',
    ],
    ['17 keys', keys.publicPem.repeat(17), 'it must hold 1 to 16 PEM blocks, all of type PUBLIC KEY'],
    ['another type of key', keys.publicPem + rsa, 'key 2: it must be an Ed25519 key or one on the curve P-256'],
    ['another curve', createTokenKeys('P-384').publicPem, 'key 1: it must be an Ed25519 key or one on the curve P-256'],
    ['half a key', keys.publicPem.slice(0, 60), 'key 1: its PEM block holds no key'],
    ['too much', keys.publicPem + '#'.repeat(65_536), 'it is larger than 65536 bytes'],
  ])('admit nobody from a file with %s', async (_, publicPem, problem) => {
    const { signer, verifier, publicFile } = setUp(publicPem)
    expect(await verifier.verify(`Bearer ${await signer.tokenFor('node-1')}`)).toEqual({ problem: 'keys_unreadable' })
    expect(await verifier.keysProblem()).toBe(`nodeFindings.publicKeys: ${publicFile}: ${problem}`)
  })

  it.each([
    ['/no/such/file', 'it does not exist'],
    ['/', 'it is not a regular file'],
  ])('admit nobody from %s', async (path, problem) => {
    const verifier = new TokenVerifier(path, new ManualClock(), 'node-1', realFiles)
    expect(await verifier.verify(`Bearer ${await forge(claims)}`)).toEqual({ problem: 'keys_unreadable' })
    expect(await verifier.keysProblem()).toBe(`nodeFindings.publicKeys: ${path}: ${problem}`)
  })

  it('are well as long as there is nothing to complain of', async () => {
    expect(await setUp().verifier.keysProblem()).toBeUndefined()
  })
})

describe('the signer says what is wrong with its key', () => {
  const oneBlock = 'it must hold one PEM block, of type PRIVATE KEY (PKCS #8, not encrypted)'
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  it.each([
    ['the public half', keys.publicPem, oneBlock],
    ['two keys', keys.privatePem + others.privatePem, oneBlock],
    ['another encoding', privateKey.export({ type: 'sec1', format: 'pem' }).toString(), oneBlock],
    [
      'an encrypted key',
      privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 's3cret' }).toString(),
      oneBlock,
    ],
    ['garbage', '-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----\n', 'its PEM block holds no key'],
    ['an RSA key', createTokenKeys('rsa').privatePem, 'it must be an Ed25519 key or one on the curve P-256'],
  ])('%s', async (_, pem, problem) => {
    const path = keyFolder().write('key.pem', pem)
    await expect(
      new TokenSigner(signingKeyFile(path, realFiles), new ManualClock()).tokenFor('node-1'),
    ).rejects.toMatchObject({
      code: 'signing_key',
      message: `nodeFindings.signingKey: ${path}: ${problem}; create one with \`openssl genpkey -algorithm ed25519\``,
    })
  })
})

describe('hostile requests are refused', () => {
  const without = (name: string) => Object.fromEntries(Object.entries(claims).filter(([claim]) => claim !== name))

  it.each<[string, string | undefined, string]>([
    ['no header', undefined, 'missing'],
    ['an empty header', '', 'missing'],
    ['another scheme', 'Basic dXNlcjpwYXNz', 'missing'],
    ['no token', 'Bearer ', 'missing'],
    ['no JWT', 'Bearer token', 'malformed'],
    ['an empty JWT', 'Bearer ..', 'malformed'],
    ['a huge token', `Bearer ${'a'.repeat(5_000)}.${'b'.repeat(5_000)}.c`, 'malformed'],
    ['a header that is no object', `Bearer ${assemble('x')}`, 'malformed'],
    ['no algorithm', `Bearer ${new UnsecuredJWT(claims).encode()}`, 'wrong_algorithm'],
    ['no key ID', `Bearer ${assemble({ alg: 'EdDSA' })}`, 'unknown_key'],
    ['a key ID that is a path', `Bearer ${assemble({ alg: 'EdDSA', kid: '../../key.pem' })}`, 'unknown_key'],
    ['a key ID of another type', `Bearer ${assemble({ alg: 'EdDSA', kid: { $ne: '' } })}`, 'unknown_key'],
  ])('%s', async (_, authorization, problem) => {
    expect(await setUp().verifier.verify(authorization)).toEqual({ problem })
  })

  it.each<[string, JWTPayload, string]>([
    ['another issuer', { ...claims, iss: 'kubernetes/serviceaccount' }, 'wrong_issuer'],
    ['another audience', { ...claims, aud: 'svidwatch-node:node-2' }, 'wrong_audience'],
    ['an audience that begins alike', { ...claims, aud: 'svidwatch-node:node-1.example' }, 'wrong_audience'],
    ['an audience without a node', { ...claims, aud: 'svidwatch-node:' }, 'wrong_audience'],
    ['expired', { ...claims, iat: nowS - 120, exp: nowS - 31 }, 'expired'],
    ['a token that would live for ever', { ...claims, iat: nowS - 91, exp: nowS + 3_600_000 }, 'expired'],
    ['made in the future', { ...claims, iat: nowS + 31 }, 'not_yet_valid'],
    ['not to be used yet', { ...claims, nbf: nowS + 31 }, 'not_yet_valid'],
    ['no expiry', without('exp'), 'malformed'],
    ['no time of issue', without('iat'), 'malformed'],
    ['no issuer', without('iss'), 'malformed'],
    ['no audience', without('aud'), 'malformed'],
  ])('well signed, but: %s', async (_, payload, problem) => {
    expect(await setUp().verifier.verify(`Bearer ${await forge(payload)}`)).toEqual({ problem })
  })

  it('an expiry that is no number', async () => {
    const kid = await keyIdOf(keys)
    const token = assemble({ alg: 'EdDSA', kid }, { ...claims, exp: 'never' })
    expect(await setUp().verifier.verify(`Bearer ${token}`)).toEqual({ problem: 'wrong_signature' })
  })

  it('the public key as the secret of an HMAC', async () => {
    const kid = await keyIdOf(keys)
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid })
      .sign(new TextEncoder().encode(keys.publicPem))
    expect(await setUp().verifier.verify(`Bearer ${token}`)).toEqual({ problem: 'wrong_algorithm' })
  })

  it('an algorithm of another key than the one that is named', async () => {
    const curve = createTokenKeys('P-256')
    const token = await forge(claims, { alg: 'ES256' }, curve)
    expect(await setUp().verifier.verify(`Bearer ${token}`)).toEqual({ problem: 'wrong_algorithm' })
  })

  it('a key that comes with the token', async () => {
    const jwk = others.publicKey.export({ format: 'jwk' })
    const named = await forge(claims, { jwk }, others)
    const own = await forge(claims, { jwk, kid: await keyIdOf(others) }, others)
    const { verifier } = setUp()
    expect(await verifier.verify(`Bearer ${named}`)).toEqual({ problem: 'wrong_signature' })
    expect(await verifier.verify(`Bearer ${own}`)).toEqual({ problem: 'unknown_key' })
  })

  it('claims that were changed after they were signed', async () => {
    const [header, , signature] = (await forge({ ...claims, aud: 'svidwatch-node:node-2' })).split('.')
    const payload = Buffer.from(JSON.stringify(claims)).toString('base64url')
    expect(await setUp().verifier.verify(`Bearer ${header}.${payload}.${signature}`)).toEqual({
      problem: 'wrong_signature',
    })
  })

  it('an extension that must be understood', async () => {
    const kid = await keyIdOf(keys)
    const token = assemble({ alg: 'EdDSA', kid, crit: ['x'], x: 1 })
    expect(await setUp().verifier.verify(`Bearer ${token}`)).toEqual({ problem: 'malformed' })
  })
})
