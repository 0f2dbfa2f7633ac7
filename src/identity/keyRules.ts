import { DerReader, derTags, type DerValue } from './der.ts'

/** Algorithms of keys, and curves, by the contents octets of their identifiers, in hex. */
const rsa = '2a864886f70d010101'
const ellipticCurve = '2a8648ce3d0201'
const ed25519 = '2b6570'
const curves = new Set(['2b81040021', '2a8648ce3d030107', '2b81040022', '2b81040023'])

/** Go uses RSA keys from 1024 bits on, and in TLS up to 8192. Its exponents have 31 bits. */
const rsaBits = { least: 1024, most: 8192 }
const exponentBits = 31

/**
 * Returns why peers do not use a key, given its SubjectPublicKeyInfo; undefined if they do. go-spiffe knows RSA, the NIST curves and
 * Ed25519. OpenSSL knows more, among them keys with which one signature takes many milliseconds. Throws DerError.
 */
export function keyProblem(key: DerValue): string | undefined {
  const parts = DerReader.ofMembers(key)
  const algorithm = parts.inside(derTags.sequence, 'the algorithm of the key')
  const id = algorithm.next(derTags.objectIdentifier, 'the identifier of an algorithm')
  switch (hexOf(id)) {
    case ed25519:
      return undefined
    case ellipticCurve: {
      const curve = algorithm.optional(derTags.objectIdentifier)
      return curve !== undefined && curves.has(hexOf(curve))
        ? undefined
        : 'its key is of a curve that peers do not know'
    }
    case rsa:
      return rsaProblem(parts.next(derTags.bitString, 'the key'))
    default:
      return 'its key is of a type that peers do not know'
  }
}

/** Takes a bit string, whose first octet is the number of unused bits. */
function rsaProblem({ bytes, start, end }: DerValue): string | undefined {
  const numbers = DerReader.ofBytes(bytes.subarray(start + 1, end)).inside(derTags.sequence, 'the RSA key')
  const bits = bitsOf(numbers.next(derTags.integer, 'the modulus'))
  if (bits < rsaBits.least || bits > rsaBits.most)
    return `its RSA key has ${bits} bits; peers take ${rsaBits.least} to ${rsaBits.most}`
  if (bitsOf(numbers.next(derTags.integer, 'the exponent')) > exponentBits)
    return `the exponent of its RSA key has more than ${exponentBits} bits`
  return undefined
}

/** Returns the length of a number that is not negative. */
function bitsOf({ content }: DerValue): number {
  const first = content.findIndex((octet) => octet !== 0)
  return first === -1 ? 0 : 8 * (content.length - first) - (Math.clz32(content[first] ?? 0) - 24)
}

const hexOf = ({ content }: DerValue): string => content.toString('hex')
