/** Part of a name in DNS (RFC 1123). */
const dnsLabel = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?'
const dnsSubdomain = `${dnsLabel}(?:\\.${dnsLabel})*`
const kindName = '[A-Za-z](?:[-A-Za-z0-9]{0,61}[A-Za-z0-9])?'

/** Kubernetes' own limit for names. */
const maxNameLength = 253

/** The names of Kubernetes objects, such as pods, nodes and namespaces, and of API groups: subdomains in DNS (RFC 1123). */
export const objectNamePattern = new RegExp(`^(?=.{1,${maxNameLength}}$)${dnsSubdomain}$`)

/** The kinds of Kubernetes objects. */
const kindPattern = new RegExp(`^${kindName}$`)

/** The values of Kubernetes' labels. */
export const labelValuePattern = /^[A-Za-z0-9](?:[-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?$/

/** Stands for every issuer whose reference names no Kubernetes object. No issuer has this name, because it has no kind. */
export const invalidIssuer = 'invalid_name'

/** The names of issuers: `Kind/name`, `Issuer/namespace/name`, `Kind.group/name`, or `invalidIssuer`. */
export const issuerPattern = new RegExp(
  `^(?:${kindName}(?:\\.${dnsSubdomain})?/(?:${dnsLabel}/)?${dnsSubdomain}|${invalidIssuer})$`,
)

/** Has the characters of issuers' names and no others, so that no text of it is markup. */
export const plainIssuerPattern = /^[A-Za-z0-9_./-]+$/

/** The reference of a request to its issuer. */
export interface IssuerReference {
  readonly kind: string
  readonly group: string
  readonly name: string
}

/**
 * Returns a name such as `ClusterIssuer/spiffe-ca`. That of an Issuer has its namespace. An empty kind or group stands for cert-manager's
 * own. Whoever creates a request chooses the reference, and nobody checks it, so a reference that no Kubernetes object can have becomes
 * `invalidIssuer`, one for all of them.
 */
export function issuerName({ kind, group, name }: IssuerReference, namespace: string): string {
  const ofKind = kind === '' ? 'Issuer' : kind
  const isNamed = kindPattern.test(ofKind) && objectNamePattern.test(name)
  if (!isNamed || !(group === '' || objectNamePattern.test(group))) return invalidIssuer
  if (group !== '' && group !== 'cert-manager.io') return `${ofKind}.${group}/${name}`
  return ofKind === 'Issuer' ? `Issuer/${namespace}/${name}` : `${ofKind}/${name}`
}
