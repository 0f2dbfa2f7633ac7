import { BlockList, isIP } from 'node:net'

/** The addresses that no pod has for itself: those of this machine, of a link or of groups, and IPv4 addresses that are written as IPv6. */
const refused = {
  ipv4: listOf('ipv4', [
    ['0.0.0.0', 8],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
  ]),
  ipv6: listOf('ipv6', [
    ['::', 96],
    ['::ffff:0:0', 96],
    ['64:ff9b::', 96],
    ['fe80::', 10],
    ['fec0::', 10],
    ['ff00::', 8],
  ]),
} as const

/** Those of metadata servers of clouds that are not of a link. */
const metadataServers = new Set(['168.63.129.16', '100.100.100.200', 'fd00:ec2::254', 'fd20:ce::254'])

/** Each family has a list of its own, because node:net finds an IPv4 address also in a network of IPv6. */
function listOf(family: 'ipv4' | 'ipv6', networks: readonly (readonly [network: string, bits: number])[]): BlockList {
  const list = new BlockList()
  for (const [network, bits] of networks) list.addSubnet(network, bits, family)
  return list
}

/**
 * Returns why svidwatch does not connect to the address of a pod; undefined if it may. Whoever can write a pod's status must not be
 * able to make svidwatch connect to itself, to the pod's node or to a metadata server of a large cloud.
 */
export function addressProblem(podIp: string, nodeIps: readonly string[]): string | undefined {
  const version = isIP(podIp)
  if (version === 0 || podIp.includes('%')) return 'it is not an IP address'
  const spelled = spelling(podIp)
  if (nodeIps.some((ip) => spelling(ip) === spelled)) return 'it is the address of the node'
  if (metadataServers.has(spelled)) return 'it is that of a metadata server'
  const family = version === 4 ? 'ipv4' : 'ipv6'
  return refused[family].check(podIp, family) ? 'no pod has such an address for itself' : undefined
}

/** Returns the one spelling of an IPv6 address that RFC 5952 recommends. IPv4 addresses have but one. */
function spelling(ip: string): string {
  return isIP(ip) === 6 && !ip.includes('%') ? new URL(`http://[${ip}]`).hostname.slice(1, -1) : ip
}
