import type { PodPlan } from '../../support/pods.ts'

/** A TLS server in a pod of its own that presents the SVID of the pod. */
export interface TlsServer {
  readonly version: 'TLSv1.2' | 'TLSv1.3'
  /** Whether it ends the handshake with a client that presents no certificate of its trust domain. */
  readonly demandsClientCertificate: boolean
  /** Whether it reads its files again each second, or only at its start. */
  readonly reloads: boolean
}

/** Where the servers listen. */
const port = 8443

/** How a pod tells svidwatch which port to probe. */
const named = {
  byAnnotation: { annotations: { 'svidwatch.io/probe': String(port) }, ports: [{ containerPort: port }] },
  byPortName: { annotations: {}, ports: [{ containerPort: port, name: 'https' }] },
} as const

/** All servers that differ in version and demand, by the names of their pods. */
export function serversThat(reload: 'reload' | 'never-reload'): ReadonlyMap<string, TlsServer> {
  const servers = (['TLSv1.2', 'TLSv1.3'] as const).flatMap((version) =>
    [false, true].map((demandsClientCertificate): readonly [string, TlsServer] => [
      `${version.toLowerCase().replaceAll('.', '-')}-${demandsClientCertificate ? 'mutual-' : ''}${reload}`,
      { version, demandsClientCertificate, reloads: reload === 'reload' },
    ]),
  )
  return new Map(servers)
}

/** Returns the pod of a server, which runs on the Node.js of `image`. Those that demand a client certificate name their port, the others have the annotation. */
export function podOf(name: string, server: TlsServer, image: string): PodPlan {
  const { annotations, ports } = server.demandsClientCertificate ? named.byPortName : named.byAnnotation
  const readinessProbe = { tcpSocket: { port }, periodSeconds: 1 }
  return {
    name,
    annotations,
    // The files of an SVID belong to root.
    securityContext: { runAsUser: 0 },
    containers: { main: { image, command: ['node', '--eval', scriptOf(server)], ports, readinessProbe } },
  }
}

const scriptOf = ({ version, demandsClientCertificate, reloads }: TlsServer): string => `
  const { realpathSync, readFileSync } = require('node:fs')
  const options = () => {
    const folder = realpathSync('/spiffe/..data')
    const [cert, key, ca] = ['tls.crt', 'tls.key', 'ca.crt'].map((name) => readFileSync(folder + '/' + name))
    return {
      cert, key, ca,
      minVersion: '${version}', maxVersion: '${version}',
      requestCert: ${demandsClientCertificate}, rejectUnauthorized: ${demandsClientCertificate},
    }
  }
  const server = require('node:tls').createServer(options(), (socket) => socket.on('error', () => {}).end())
  server.listen(${port})
  const reload = () => {
    try { server.setSecureContext(options()) } catch {} // the files are being replaced
  }
  ${reloads ? 'setInterval(reload, 1000)' : ''}`
