import { derMember, derMembers, derTagged, derTags, type DerValue } from './der.ts'

/** An extension of a certificate, or of a request for one (RFC 5280 section 4.1). */
export interface Extension {
  /** An object identifier. */
  readonly id: DerValue
  /** An octet string. */
  readonly value: DerValue
}

/** Contents octets of 2.5.29.17 and 2.5.29.19. */
const subjectAltName = Buffer.from('551d11', 'hex')
const basicConstraints = Buffer.from('551d13', 'hex')

/** [6], a uniformResourceIdentifier among names. */
const uriTag = 0x86

/** Whether it is critical may stand between the two. Throws DerError. */
export function extensionOf(extension: DerValue): Extension {
  const members = derMembers(extension, derTags.sequence, 'an extension')
  return {
    id: derTagged(members[0], derTags.objectIdentifier, 'an identifier'),
    value: derTagged(members.at(-1), derTags.octetString, 'the value of an extension'),
  }
}

export const isSubjectAltName = ({ id }: Extension): boolean => isIdentifier(id, subjectAltName)

/** GeneralNames: the members of a SubjectAltName. Throws DerError. */
export function namesOf({ value }: Extension): readonly DerValue[] {
  const names = derMember(value, derTags.octetString, 'the subject alternative names')
  return derMembers(names, derTags.sequence, 'the list of subject alternative names')
}

export const isUri = ({ tag }: DerValue): boolean => tag === uriTag

/** BasicConstraints: `cA` is its first member where it is there, and false where it is not. Throws DerError. */
export function isCaConstraint({ id, value }: Extension): boolean {
  if (!isIdentifier(id, basicConstraints)) return false
  const constraints = derMember(value, derTags.octetString, 'the basic constraints')
  const [first] = derMembers(constraints, derTags.sequence, 'the list of basic constraints')
  return first?.tag === derTags.boolean && first.content[0] !== 0
}

/** Whether an object identifier has these contents octets. */
export function isIdentifier({ bytes, start, end }: DerValue, octets: Buffer): boolean {
  if (end - start !== octets.length) return false
  for (let index = 0; index < octets.length; index += 1) if (bytes[start + index] !== octets[index]) return false
  return true
}
