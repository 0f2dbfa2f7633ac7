/** An object as `kubectl get -o json` or a manifest has it: what is needed here of roles and their bindings. */
export interface RbacObject {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly rules?: readonly RbacRule[]
  readonly roleRef?: { readonly kind: string; readonly name: string }
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace?: string }[]
}

export interface RbacRule {
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
  readonly verbs: readonly string[]
}

export interface ServiceAccount {
  readonly namespace: string
  readonly name: string
}

/** What was asked for, as a line of an audit log tells it (audit.k8s.io/v1). */
export interface AuditedRequest {
  readonly verb: string
  /** The API group and the resource, with its subresource; undefined for a path such as /version. */
  readonly of?: { readonly group: string; readonly resource: string }
  readonly namespace?: string
  readonly name?: string
  readonly path: string
  readonly code: number
  readonly receivedMs: number
}

/** A single right: one verb on one resource. Without a namespace it holds in all of them, without a name for all objects. */
interface Right {
  readonly verb: string
  readonly of: { readonly group: string; readonly resource: string } | { readonly path: string }
  readonly namespace?: string
  readonly name?: string
}

export interface RightsReport {
  /** Rights that no request needed. */
  readonly unused: readonly string[]
  /** Rights that hold in all namespaces, or for all objects, while only one was ever asked for by name. */
  readonly tooWide: readonly string[]
  /** Requests that were answered 403. */
  readonly forbidden: readonly string[]
  /** Requests that succeeded by rights that these roles do not give. */
  readonly beyond: readonly string[]
  /** Each kind of request, and how many there were. */
  readonly requests: ReadonlyMap<string, number>
}

interface AuditEvent {
  readonly verb: string
  readonly requestURI: string
  readonly user: { readonly username: string }
  readonly objectRef?: {
    readonly resource?: string
    readonly subresource?: string
    readonly apiGroup?: string
    readonly namespace?: string
    readonly name?: string
  }
  readonly responseStatus?: { readonly code?: number }
  readonly requestReceivedTimestamp: string
}

/** Returns the requests of a service account in the text of an audit log. A last line that is not complete is left out. */
export function requestsOf(account: ServiceAccount, log: string): readonly AuditedRequest[] {
  const username = `system:serviceaccount:${account.namespace}:${account.name}`
  return log
    .slice(0, log.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line.includes(username))
    .map((line) => JSON.parse(line) as AuditEvent)
    .filter(({ user }) => user.username === username)
    .map(({ verb, requestURI, objectRef: ref, responseStatus, requestReceivedTimestamp }) => ({
      verb,
      ...(ref?.resource !== undefined && {
        of: { group: ref.apiGroup ?? '', resource: [ref.resource, ref.subresource].filter(Boolean).join('/') },
      }),
      ...(ref?.namespace !== undefined && { namespace: ref.namespace }),
      ...(ref?.name !== undefined && { name: ref.name }),
      path: requestURI.replace(/\?.*/, ''),
      code: responseStatus?.code ?? 0,
      receivedMs: Date.parse(requestReceivedTimestamp),
    }))
}

/** Compares the rights that `objects` give to a service account with what it asked for. */
export function compareRights(
  account: ServiceAccount,
  objects: readonly RbacObject[],
  requests: readonly AuditedRequest[],
): RightsReport {
  const rights = rightsOf(account, objects)
  const allowed = requests.filter(({ code }) => code !== 403)
  const usesOf = (right: Right) => allowed.filter((request) => covers(right, request))
  const counts = Map.groupBy(requests, describeRequest)
  return {
    unused: rights.filter((right) => usesOf(right).length === 0).map(describe),
    tooWide: rights.filter((right) => isTooWide(right, usesOf(right))).map(describe),
    forbidden: distinct(requests.filter(({ code }) => code === 403).map(describeRequest)),
    beyond: distinct(allowed.filter((request) => !rights.some((right) => covers(right, request))).map(describeRequest)),
    requests: new Map([...counts].map(([request, all]) => [request, all.length] as const).sort()),
  }
}

function rightsOf(account: ServiceAccount, objects: readonly RbacObject[]): readonly Right[] {
  const bindings = objects.filter(
    ({ kind, subjects = [], metadata }) =>
      kind.endsWith('RoleBinding') &&
      subjects.some(
        (subject) =>
          subject.kind === 'ServiceAccount' &&
          subject.name === account.name &&
          (subject.namespace ?? metadata.namespace) === account.namespace,
      ),
  )
  return bindings.flatMap(({ metadata, roleRef }) => {
    const role = objects.find(
      ({ kind, metadata: { name, namespace } }) =>
        kind === roleRef?.kind && name === roleRef.name && (kind === 'ClusterRole' || namespace === metadata.namespace),
    )
    if (role === undefined) throw new Error(`${metadata.name} binds ${roleRef?.name ?? 'nothing'}, which is not there`)
    return (role.rules ?? []).flatMap((rule) => rightsIn(rule, metadata.namespace))
  })
}

function rightsIn(rule: RbacRule, namespace: string | undefined): readonly Right[] {
  const where = namespace === undefined ? {} : { namespace }
  const names = rule.resourceNames === undefined ? [{}] : rule.resourceNames.map((name) => ({ name }))
  const resources = (rule.apiGroups ?? []).flatMap((group) =>
    (rule.resources ?? []).map((resource) => ({ group, resource })),
  )
  return rule.verbs.flatMap((verb) => [
    ...resources.flatMap((of) => names.map((name) => ({ verb, of, ...where, ...name }))),
    ...(rule.nonResourceURLs ?? []).map((path) => ({ verb, of: { path } })),
  ])
}

function covers(right: Right, request: AuditedRequest): boolean {
  const matches = (granted: string, asked: string) => granted === '*' || granted === asked
  if (!matches(right.verb, request.verb)) return false
  if ('path' in right.of)
    return (
      request.of === undefined &&
      (right.of.path.endsWith('*')
        ? request.path.startsWith(right.of.path.slice(0, -1))
        : right.of.path === request.path)
    )
  return (
    request.of !== undefined &&
    matches(right.of.group, request.of.group) &&
    matches(right.of.resource, request.of.resource) &&
    (right.namespace === undefined || right.namespace === request.namespace) &&
    (right.name === undefined || right.name === request.name)
  )
}

/** Reports whether a right could be for one namespace, or for one object, and still allow all its uses. */
function isTooWide(right: Right, uses: readonly AuditedRequest[]): boolean {
  if ('path' in right.of || uses.length === 0) return false
  const one = (values: readonly (string | undefined)[]) => values[0] !== undefined && new Set(values).size === 1
  const oneNamespace = right.namespace === undefined && one(uses.map(({ namespace }) => namespace))
  const oneObject = right.name === undefined && right.verb !== 'create' && one(uses.map(({ name }) => name))
  return oneNamespace || oneObject || Object.values(right.of).includes('*')
}

const distinct = (lines: readonly string[]): readonly string[] => [...new Set(lines)].sort()

const describe = ({ verb, of, namespace, name }: Right): string =>
  'path' in of ? `${verb} ${of.path}` : sentence(verb, of, namespace ?? '*', name)

function describeRequest({ verb, of, namespace, name, path }: AuditedRequest): string {
  return of === undefined ? `${verb} ${path}` : sentence(verb, of, namespace ?? '*', name)
}

const sentence = (verb: string, of: { group: string; resource: string }, namespace: string, name?: string): string =>
  `${verb} ${of.group === '' ? '' : `${of.group}/`}${of.resource}${name === undefined ? '' : ` ${name}`} in ${namespace}`
