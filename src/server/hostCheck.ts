import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, isIPv6 } from 'node:net'
import type { ListenOn } from './listening.ts'
import { RequestError } from './requestError.ts'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)
loopback.addAddress('::1', 'ipv6')

/** Reports whether only this machine reaches a server that listens there. */
export const isLoopback = (address: ListenOn): boolean =>
  address === 'loopback' || loopback.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')

/**
 * Throws a `RequestError` if the Host header of a request is missing, or if it has a name other than localhost although the server
 * listens on a loopback address. Such a server is meant for this machine, but a web page whose name resolves to 127.0.0.1 (DNS
 * rebinding) can make a browser there send requests, with the name of the page. An IP address cannot come from such a page, and is
 * forwarded by proxies on this machine.
 */
export function checkHost({ headers: { host }, httpVersion }: IncomingMessage, isLocalServer: boolean): void {
  if (host === undefined) {
    if (httpVersion === '1.0') return
    throw new RequestError('bad_request', 'the Host header is missing')
  }
  if (!isLocalServer || isLocal(host)) return
  const got = JSON.stringify(host.slice(0, maxQuoted))
  throw new RequestError(
    'wrong_host',
    `this server listens on a loopback address and answers only requests for localhost or an IP address (got ${got})`,
  )
}

/** The most characters of a Host header that an error message quotes. */
const maxQuoted = 60

function isLocal(host: string): boolean {
  const [, name = ''] = /^(.*?)(?::\d*)?$/s.exec(host) ?? []
  return /^localhost\.?$/i.test(name) || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0
}
