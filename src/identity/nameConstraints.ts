import { DerReader, derTags, type DerValue } from './der.ts'
import { sequenceIn, type Extension } from './extensions.ts'

/** Lower-case names by type: the hosts of URIs, which are trust domains, DNS names, and IP addresses in hex, each before its mask if any. */
export interface NamesByType {
  readonly uri: readonly string[]
  readonly dns: readonly string[]
  readonly ip: readonly string[]
}

/** Which names a CA may give to those below it (RFC 5280 section 4.2.1.10). Without permitted names of a type, all are permitted. */
export interface NameConstraints {
  readonly permitted: NamesByType
  readonly excluded: NamesByType
  /** The constraints are critical, and some are for a type of name that go-spiffe does not know. */
  readonly hasUnknownCritical: boolean
}

/** The types of GeneralName by their tags, of which go-spiffe knows these. */
const tags = { email: 0x81, dns: 0x82, uri: 0x86, ip: 0x87 } as const
const knownTags = new Set<number>(Object.values(tags))

/** [0] and [1] in the NameConstraints. */
const listTags = { permitted: 0xa0, excluded: 0xa1 }

/** Parses the extension. Throws DerError. */
export function constraintsIn({ value, critical }: Extension): NameConstraints {
  const lists = sequenceIn(value, 'the name constraints')
  const permitted = basesOf(lists.optional(listTags.permitted))
  const excluded = basesOf(lists.optional(listTags.excluded))
  lists.end()
  const byType = (bases: readonly DerValue[]) => ({
    uri: valuesOf(bases, tags.uri),
    dns: valuesOf(bases, tags.dns),
    ip: addressesOf(bases),
  })
  return {
    permitted: byType(permitted),
    excluded: byType(excluded),
    hasUnknownCritical: critical && [...permitted, ...excluded].some(({ tag }) => !knownTags.has(tag)),
  }
}

function basesOf(list: DerValue | undefined): readonly DerValue[] {
  if (list === undefined) return []
  return DerReader.ofMembers(list).all((trees) => trees.inside(derTags.sequence, 'a name constraint').any())
}

/** Returns the subject alternative names that constraints are for. */
export function constrainedNames(names: readonly DerValue[]): NamesByType {
  return { uri: valuesOf(names, tags.uri).map(hostOf), dns: valuesOf(names, tags.dns), ip: addressesOf(names) }
}

const valuesOf = (names: readonly DerValue[], tag: number): readonly string[] =>
  names.filter((name) => name.tag === tag).map(({ content }) => content.toString('latin1').toLowerCase())

const addressesOf = (names: readonly DerValue[]): readonly string[] =>
  names.filter((name) => name.tag === tags.ip).map(({ content }) => content.toString('hex'))

/** Returns the trust domain of a SPIFFE ID, the host of another URI, or '' for what is neither. */
const hostOf = (uri: string): string => /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/.exec(uri)?.[1] ?? ''

/** As each name is compared with each constraint, certificates with more of them are not judged. */
const maxComparisons = 10_000

/** Returns the first name of a certificate that a CA above it may not give. */
export function forbiddenName(names: NamesByType, constraints: NameConstraints): string | undefined {
  const address = forbiddenOf('ip', names, constraints)
  return (
    forbiddenOf('uri', names, constraints) ??
    forbiddenOf('dns', names, constraints) ??
    (address && `the IP address with the octets ${address}`)
  )
}

function forbiddenOf(type: keyof NamesByType, names: NamesByType, constraints: NameConstraints): string | undefined {
  const [permitted, excluded] = [constraints.permitted[type], constraints.excluded[type]]
  if (names[type].length * (permitted.length + excluded.length) > maxComparisons) return 'so many names'
  const isWithin = type === 'ip' ? coversAddress : covers
  const isForbidden = (name: string): boolean =>
    (permitted.length > 0 && !permitted.some((one) => isWithin(one, name))) ||
    excluded.some((one) => isWithin(one, name))
  return names[type].find(isForbidden)
}

/** Reports whether a name is the domain or below it. As in Go, no difference is made between the constraints of both types. */
function covers(domain: string, name: string): boolean {
  return domain === '' || name === domain || name.endsWith(domain.startsWith('.') ? domain : `.${domain}`)
}

/** Reports whether an address is in a network, which is an address and a mask of the same length. */
function coversAddress(network: string, address: string): boolean {
  if (address === '' || network.length !== 2 * address.length) return false
  const [base, mask] = [network.slice(0, address.length), network.slice(address.length)]
  return (BigInt(`0x${address}`) & BigInt(`0x${mask}`)) === BigInt(`0x${base}`)
}
