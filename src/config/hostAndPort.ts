import { isIP, isIPv6 } from 'node:net'

/** A server that is named by its host and port. */
export interface HostAndPort {
  /** As it is written: `host:port`, with brackets around an IPv6 address. */
  readonly text: string
  /** A name or an IP address, without brackets. */
  readonly host: string
  readonly port: number
}

/** Matches everything that `parseHostAndPort` accepts. */
export const hostAndPortPattern = '^([-._a-zA-Z0-9]+|\\[[0-9a-fA-F:.]+\\]):[0-9]{1,5}$'

const label = '[a-zA-Z0-9_]([-a-zA-Z0-9_]{0,61}[a-zA-Z0-9_])?'

/** Matches every name in DNS that is accepted, and some that are longer than 253 characters. IPv4 addresses match too. */
export const hostNamePattern = `^${label}(\\.${label})*$`

/** Reports whether a text is a name in DNS, and no IP address. */
export const isHostName = (text: string): boolean =>
  text.length <= 253 && new RegExp(hostNamePattern).test(text) && isIP(text) === 0

/** Parses `host:port`. Returns undefined for any other text. */
export function parseHostAndPort(text: string): HostAndPort | undefined {
  const colon = text.lastIndexOf(':')
  const [written, digits] = [text.slice(0, colon), text.slice(colon + 1)]
  const inBrackets = /^\[(.*)\]$/.exec(written)?.[1]
  const host = inBrackets ?? written
  const port = Number(digits)
  const isHost = inBrackets === undefined ? isIP(host) === 4 || isHostName(host) : isIPv6(host)
  return isHost && /^\d{1,5}$/.test(digits) && port >= 1 && port <= 65_535 ? { text, host, port } : undefined
}
