import { der, ed448, ed448KeyOf, oid, sequence } from './certificateBuilder.ts'
import { leaf, middle } from './svidParts.ts'

/** The SubjectPublicKeyInfo of a key of the curve secp256k1. */
export const koblitzSpki = sequence(
  sequence(oid('2a8648ce3d0201'), oid('2b8104000a')),
  der(
    0x03,
    Buffer.from([0]),
    Buffer.from('BDXvdSBr+BwJUDuud4ILl0Hmc11EgGjgSKXiNfoiF5jUQXWvz2Cj+jhDl/YB6MoKCe151EMTP/ALFdDoEP7FCx4=', 'base64'),
  ),
)

/** The public key of an RSA CA of 512 bits whose private key is not kept. */
export const smallSpki = Buffer.from(
  'MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAMg1rIQOCNziA1UPYWTwwozMs/a+ckp7TrqCa4zyTZp9W6E+0Z9WXhz9If7GajB+PY4C2SjcAQCUpQp5cGvDuVsCAwEAAQ==',
  'base64',
)

/** Its signature of the leaf with SHA-256. */
const signature = 'daa5QGahul3ZOPSFJ1+uZ6D93yZZW8f/kqcUycl7uX0H6fqSx5ojRQwgXUQVgiVP7nBGSXcNw3z/YQnyz+0M/Q=='

/** sha256WithRSAEncryption */
const rsaSha256 = sequence(oid('2a864886f70d01010b'), der(0x05))

/** A leaf that an intermediate with an RSA key of 512 bits has signed. */
export const smallKeyChain: readonly Buffer[] = [
  leaf({ issuer: 'small', algorithm: rsaSha256, signs: () => Buffer.from(signature, 'base64') }),
  middle({ subject: 'small', spki: smallSpki }),
]

export const ed448Key = ed448KeyOf('ed448')

/** A leaf that an intermediate with an Ed448 key has signed. */
export const ed448Chain: readonly Buffer[] = [
  leaf({ issuer: 'middle', by: ed448Key, algorithm: ed448 }),
  middle({ key: ed448Key }),
]
