import { DerReader, derTags, type DerValue } from './der.ts'

/** An extension of a certificate or a certificate signing request (RFC 5280 section 4.1). */
export interface Extension {
  /** An object identifier. */
  readonly id: DerValue
  readonly critical: boolean
  /** An octet string. */
  readonly value: DerValue
}

/** The contents octets of 2.5.29.17 and 2.5.29.19. */
const subjectAltName = Buffer.from('551d11', 'hex')
const basicConstraints = Buffer.from('551d13', 'hex')
const authorityKeyId = Buffer.from('551d23', 'hex')

/** [0], the keyIdentifier in an AuthorityKeyIdentifier. */
const keyIdTag = 0x80

/** [6], a uniformResourceIdentifier among names. */
const uriTag = 0x86

/** Reads the next extension. Throws DerError. */
export function extensionFrom(list: DerReader): Extension {
  const members = list.inside(derTags.sequence, 'an extension')
  const id = members.next(derTags.objectIdentifier, 'an identifier')
  const critical = members.optional(derTags.boolean)
  const value = members.last(derTags.octetString, 'the value of an extension')
  return { id, critical: critical !== undefined && isTrue(critical), value }
}

export const isSubjectAltName = ({ id }: Extension): boolean => isIdentifier(id, subjectAltName)

export const isAuthorityKeyId = ({ id }: Extension): boolean => isIdentifier(id, authorityKeyId)

/** Returns the key identifier in an AuthorityKeyIdentifier (RFC 5280 section 4.2.1.1); undefined if it has none. Throws DerError. */
export const keyIdentifierOf = ({ value }: Extension): DerValue | undefined =>
  sequenceIn(value, 'the authority key identifier').optional(keyIdTag)

/** Returns the members of a SubjectAltName, which is of type GeneralNames. Throws DerError. */
export function namesOf({ value }: Extension): readonly DerValue[] {
  return sequenceIn(value, 'the list of subject alternative names').all((names) => names.any())
}

export const isUri = ({ tag }: DerValue): boolean => tag === uriTag

/** Reports whether an extension is BasicConstraints with `cA`, its first member if it is there. Throws DerError. */
export function isCaConstraint({ id, value }: Extension): boolean {
  if (!isIdentifier(id, basicConstraints)) return false
  const [first] = sequenceIn(value, 'the basic constraints').all((members) => members.any())
  return first?.tag === derTags.boolean && isTrue(first)
}

/** Reports whether a boolean is true. */
export const isTrue = ({ bytes, start, end }: DerValue): boolean => end > start && bytes[start] !== 0

/** Returns a reader of the one sequence in the value of an extension. Throws DerError. */
export function sequenceIn(value: DerValue, name: string): DerReader {
  const holder = DerReader.ofMembers(value)
  const members = holder.inside(derTags.sequence, name)
  holder.end()
  return members
}

/** Reports whether an object identifier has these contents octets. */
export function isIdentifier({ bytes, start, end }: DerValue, octets: Buffer): boolean {
  if (end - start !== octets.length) return false
  for (let index = 0; index < octets.length; index += 1) if (bytes[start + index] !== octets[index]) return false
  return true
}
