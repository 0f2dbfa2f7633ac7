import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { applyObjects } from '../../support/access.ts'
import { kubectl } from '../../support/shell.ts'
import { image } from './release.ts'

interface PodProgram {
  readonly namespace: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** JavaScript that Node.js runs in the pod. */
  readonly script: string
  /** Whether the pod has an SVID, in the folder /spiffe. */
  readonly hasSvid?: boolean
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[]
}

const svidVolume = { name: 'spiffe', csi: { driver: 'spiffe.csi.cert-manager.io', readOnly: true } }

/** Runs a script in a pod of its own, with the Node.js of svidwatch's image. Returns the address of the pod once it is Ready. */
export async function runInPod(program: PodProgram): Promise<string> {
  const { namespace, name, labels, script, hasSvid = false, ports = [] } = program
  const folder = await mkdtemp(join(tmpdir(), 'svidwatch-program-'))
  const volumeMounts = hasSvid ? [{ name: svidVolume.name, mountPath: '/spiffe' }] : []
  const command = ['node', '--eval', script]
  await applyObjects(folder, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels },
    spec: {
      terminationGracePeriodSeconds: 1,
      securityContext: { runAsUser: 0 },
      containers: [{ name: 'main', image, imagePullPolicy: 'IfNotPresent', command, ports, volumeMounts }],
      volumes: hasSvid ? [svidVolume] : [],
    },
  })
  await rm(folder, { recursive: true })
  await kubectl('-n', namespace, 'wait', '--for=condition=Ready', `pod/${name}`, '--timeout=60s')
  return kubectl('-n', namespace, 'get', 'pod', name, '-o', 'jsonpath={.status.podIP}')
}

/** A script that fetches these URLs again and again, whatever the answers are. */
export const fetchesForever = (urls: readonly string[]): string =>
  `setInterval(() => ${JSON.stringify(urls)}.map((url) => fetch(url).catch(() => {})), 1000)`

/** A script that is a TLS server, and presents the SVID of its pod. */
export const servesSvid = (port: number): string => `
  const read = (name) => require('node:fs').readFileSync('/spiffe/' + name)
  require('node:tls').createServer({ cert: read('tls.crt'), key: read('tls.key') }).listen(${port})`

/** A script that is a name server: all names are those of its own pod. */
export const nameServer = `
  const [address] = Object.values(require('node:os').networkInterfaces()).flat().filter((one) => one.family === 'IPv4' && !one.internal)
  const server = require('node:dgram').createSocket('udp4')
  server.on('message', (asked, peer) => {
    const end = asked.indexOf(0, 12) + 5
    const isAddress = asked.readUInt16BE(end - 4) === 1
    const head = Buffer.from(asked.subarray(0, 12))
    head.writeUInt16BE(0x8180, 2)
    head.writeUInt16BE(isAddress ? 1 : 0, 6)
    head.writeUInt32BE(0, 8)
    const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, ...address.address.split('.').map(Number)])
    server.send(Buffer.concat([head, asked.subarray(12, end), ...(isAddress ? [answer] : [])]), peer.port, peer.address)
  })
  server.bind(53)`
