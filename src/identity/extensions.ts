import { derContent, derMembers, derTags, derValue, type DerValue } from './der.ts'

/** An extension of a certificate, or of a request for one (RFC 5280 section 4.1). */
export interface Extension {
  /** The object identifier's contents octets in hex. */
  readonly id: string
  readonly value: Buffer
}

/** 2.5.29.17 and 2.5.29.19 as contents octets in hex. */
export const extensionIds = { subjectAltName: '551d11', basicConstraints: '551d13' }

/** [6], a uniformResourceIdentifier among names. */
const uriTag = 0x86

/** Whether it is critical may stand between the two. Throws DerError. */
export function extensionOf(extension: DerValue): Extension {
  const [id, ...rest] = derMembers(extension, derTags.sequence, 'an extension')
  return { id: identifierOf(id), value: derContent(rest.at(-1), derTags.octetString, 'the value of an extension') }
}

/** GeneralNames: the members of a SubjectAltName. Throws DerError. */
export function namesOf({ value }: Extension): readonly DerValue[] {
  return derMembers(derValue(value), derTags.sequence, 'the list of subject alternative names')
}

export const isUri = ({ tag }: DerValue): boolean => tag === uriTag

/** BasicConstraints: `cA` is its first member where it is there, and false where it is not. Throws DerError. */
export function isCaConstraint({ id, value }: Extension): boolean {
  if (id !== extensionIds.basicConstraints) return false
  const [first] = derMembers(derValue(value), derTags.sequence, 'the basic constraints')
  return first?.tag === derTags.boolean && first.content[0] !== 0
}

/** An object identifier's contents octets in hex. Throws DerError. */
export const identifierOf = (value: DerValue | undefined): string =>
  derContent(value, derTags.objectIdentifier, 'an identifier').toString('hex')
