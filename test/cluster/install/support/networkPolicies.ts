import { BlockList, isIPv6 } from 'node:net'

type Labels = Readonly<Record<string, string>>

export interface LabelSelector {
  readonly matchLabels?: Labels
  readonly matchExpressions?: readonly {
    readonly key: string
    readonly operator: string
    readonly values?: readonly string[]
  }[]
}

export interface PolicyPeer {
  readonly podSelector?: LabelSelector
  readonly namespaceSelector?: LabelSelector
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] }
}

export interface PolicyPort {
  readonly protocol?: string
  readonly port?: number | string
  readonly endPort?: number
}

export interface PolicyRule {
  readonly from?: readonly PolicyPeer[]
  readonly to?: readonly PolicyPeer[]
  readonly ports?: readonly PolicyPort[]
}

/** networking.k8s.io/v1. */
export interface NetworkPolicy {
  readonly metadata: { readonly name: string; readonly namespace: string }
  readonly spec: {
    readonly podSelector?: LabelSelector
    readonly policyTypes?: readonly string[]
    readonly ingress?: readonly PolicyRule[]
    readonly egress?: readonly PolicyRule[]
  }
}

/** A pod with an address of its own. A pod in the network of its node is no pod to a NetworkPolicy, but an address. */
export interface PolicyPod {
  readonly namespace: string
  readonly name: string
  readonly labels: Labels
  readonly ips: readonly string[]
  /** The addresses of its node, from which a kubelet probes. */
  readonly nodeIps: readonly string[]
  readonly ports: readonly { readonly name?: string; readonly containerPort: number; readonly protocol?: string }[]
}

export interface PolicyWorld {
  readonly policies: readonly NetworkPolicy[]
  readonly pods: readonly PolicyPod[]
  /** The labels of each namespace. */
  readonly namespaces: ReadonlyMap<string, Labels>
}

/** The first packet of a connection: from whom, and to whom after the address of a Service was replaced. */
export interface Connection {
  readonly from: string
  readonly to: string
  readonly port: number
  readonly protocol: 'TCP' | 'UDP' | 'SCTP'
}

type Direction = 'ingress' | 'egress'

export interface Verdict {
  readonly connection: Connection
  readonly allowed: boolean
  /**
   * The rules that allow it in each direction, such as `svidwatch/svidwatch egress[0]`. Empty if none does, undefined if no policy
   * restricts this direction.
   */
  readonly egress: readonly string[] | undefined
  readonly ingress: readonly string[] | undefined
  /** Set if no rule allows it into the pod, but it comes from the pod's own node, which every implementation lets through. */
  readonly fromOwnNode?: true
}

export interface PolicyReport {
  readonly verdicts: readonly Verdict[]
  /** Rules that allowed none of the connections. */
  readonly unused: readonly string[]
  /** Rules whose peers are more than one workload or one address. */
  readonly wide: readonly string[]
}

/**
 * Says which of the connections the policies allow, and which rules were needed. An ipBlock covers addresses of pods as well, as
 * the API says; implementations differ there.
 */
export function judgeConnections(world: PolicyWorld, connections: readonly Connection[]): PolicyReport {
  const verdicts = connections.map((connection) => verdictOn(world, connection))
  const used = new Set(verdicts.flatMap(({ egress = [], ingress = [] }) => [...egress, ...ingress]))
  const rules = world.policies.flatMap((policy) =>
    (['ingress', 'egress'] as const).flatMap((direction) => rulesOf(policy, direction)),
  )
  return {
    verdicts,
    unused: rules.filter(({ name }) => !used.has(name)).map(({ name }) => name),
    wide: rules.filter(({ peers }) => peers.length === 0 || !peers.every(isOnePeer)).map(({ name }) => name),
  }
}

interface Rule {
  readonly name: string
  readonly namespace: string
  readonly peers: readonly PolicyPeer[]
  readonly ports: readonly PolicyPort[]
}

function rulesOf({ metadata: { namespace, name }, spec }: NetworkPolicy, direction: Direction): readonly Rule[] {
  return (spec[direction] ?? []).map(({ from = [], to = [], ports = [] }, index) => ({
    name: `${namespace}/${name} ${direction}[${index}]`,
    namespace,
    peers: direction === 'ingress' ? from : to,
    ports,
  }))
}

function verdictOn(world: PolicyWorld, connection: Connection): Verdict {
  const podWith = (ip: string) => world.pods.find(({ ips }) => ips.includes(ip))
  const [source, target] = [podWith(connection.from), podWith(connection.to)]
  const egress = source && allowing(world, source, 'egress', connection.to, target, connection)
  const ingress = target && allowing(world, target, 'ingress', connection.from, source, connection)
  const fromOwnNode = ingress?.length === 0 && target?.nodeIps.includes(connection.from)
  const passes = (rules: readonly string[] | undefined) => rules === undefined || rules.length > 0
  return {
    connection,
    allowed: passes(egress) && (passes(ingress) || fromOwnNode === true),
    egress,
    ingress,
    ...(fromOwnNode && { fromOwnNode }),
  }
}

/** Returns the rules that allow a connection of `pod` with a peer; undefined if no policy restricts the pod in this direction. */
function allowing(
  world: PolicyWorld,
  pod: PolicyPod,
  direction: Direction,
  peerIp: string,
  peer: PolicyPod | undefined,
  connection: Connection,
): readonly string[] | undefined {
  const policies = world.policies.filter(
    ({ metadata: { namespace }, spec }) =>
      namespace === pod.namespace && selects(spec.podSelector, pod.labels) && isRestricted(spec, direction),
  )
  if (policies.length === 0) return undefined
  const target = direction === 'ingress' ? pod : peer
  return policies
    .flatMap((policy) => rulesOf(policy, direction))
    .filter(
      ({ peers, ports, namespace }) =>
        (peers.length === 0 || peers.some((one) => isPeer(one, world, namespace, peerIp, peer))) &&
        (ports.length === 0 || ports.some((port) => coversPort(port, connection, target))),
    )
    .map(({ name }) => name)
}

/** A policy without policyTypes restricts what comes in, and what goes out only if it has rules for that. */
function isRestricted({ policyTypes, egress }: NetworkPolicy['spec'], direction: Direction): boolean {
  const types = policyTypes ?? (egress === undefined ? ['Ingress'] : ['Ingress', 'Egress'])
  return types.some((type) => type.toLowerCase() === direction)
}

function isPeer(
  { podSelector, namespaceSelector, ipBlock }: PolicyPeer,
  { namespaces }: PolicyWorld,
  ownNamespace: string,
  ip: string,
  pod: PolicyPod | undefined,
): boolean {
  if (ipBlock !== undefined)
    return isIn(ipBlock.cidr, ip) && !(ipBlock.except ?? []).some((excepted) => isIn(excepted, ip))
  if (pod === undefined) return false
  const isInNamespace =
    namespaceSelector === undefined
      ? pod.namespace === ownNamespace
      : selects(namespaceSelector, namespaces.get(pod.namespace) ?? {})
  return isInNamespace && selects(podSelector, pod.labels)
}

function isIn(cidr: string, ip: string): boolean {
  const [network = '', prefix = ''] = cidr.split('/')
  const family = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4')
  if (family(network) !== family(ip)) return false
  const list = new BlockList()
  list.addSubnet(network, Number(prefix), family(network))
  return list.check(ip, family(ip))
}

/** `target` is the pod whose ports a name stands for. */
function coversPort(
  { protocol = 'TCP', port, endPort }: PolicyPort,
  connection: Connection,
  target: PolicyPod | undefined,
): boolean {
  if (protocol !== connection.protocol) return false
  if (port === undefined) return true
  if (typeof port === 'number') return port <= connection.port && connection.port <= (endPort ?? port)
  return (target?.ports ?? []).some(
    ({ name, containerPort, protocol: ofPort = 'TCP' }) =>
      name === port && ofPort === protocol && containerPort === connection.port,
  )
}

/** Reports whether a selector selects these labels. An empty or missing one selects everything. */
function selects({ matchLabels = {}, matchExpressions = [] }: LabelSelector = {}, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key]
      if (operator === 'Exists') return value !== undefined
      if (operator === 'DoesNotExist') return value === undefined
      if (operator === 'In') return value !== undefined && values.includes(value)
      if (operator === 'NotIn') return value === undefined || !values.includes(value)
      throw new Error(`a selector has the unknown operator ${operator}`)
    })
  )
}

/** Reports whether a peer is the pods with certain labels in one namespace, or a single address. */
function isOnePeer({ podSelector = {}, namespaceSelector, ipBlock }: PolicyPeer): boolean {
  if (ipBlock !== undefined) return ipBlock.cidr.endsWith(isIPv6(ipBlock.cidr.split('/')[0] ?? '') ? '/128' : '/32')
  const { matchLabels = {}, matchExpressions = [] } = podSelector
  const hasLabels = Object.keys(matchLabels).length + matchExpressions.length > 0
  const isOneNamespace =
    namespaceSelector === undefined || namespaceSelector.matchLabels?.['kubernetes.io/metadata.name'] !== undefined
  return hasLabels && isOneNamespace
}
