import * as z from 'zod'
import { optionalSetting, requiredSetting, section, setting } from './documentation.ts'
import * as types from './settingTypes.ts'

const target = z
  .strictObject(
    {
      address: requiredSetting(types.hostAndPort, {
        help: 'Roles cluster and standalone: the host and the port of a server to probe, with brackets around an IPv6 address. Each address may be listed once. The label `file` of its SVID has this text.',
        example: 'payments.example.com:8443',
      }),
      serverName: optionalSetting(types.hostName, {
        help: 'The server name to send (SNI).',
        unset: 'no server name is sent',
        example: 'payments.example.com',
      }),
      alpn: optionalSetting(types.protocols, {
        help: 'The application protocols to offer (ALPN), in order.',
        unset: 'none is offered',
        example: ['h2'],
      }),
      clientCertificate: optionalSetting(types.pathOfNoKey, {
        help: 'The PEM file with the client certificate and its chain to present, for a server that shows its certificate only then. The file is read for each probe.',
        unset: 'no client certificate is presented',
        example: '/etc/svidwatch/client.pem',
      }),
      clientKey: optionalSetting(types.path, {
        help: 'The PEM file with the private key of `clientCertificate`. It must be a key of svidwatch itself, never that of a workload.',
        unset: 'no client certificate is presented',
        example: '/etc/svidwatch/client-key.pem',
      }),
    },
    types.mustBeMapping,
  )
  .refine((given) => (given.clientCertificate === undefined) === (given.clientKey === undefined), {
    message: 'must have both clientCertificate and clientKey, or neither',
  })

/** Which TLS servers are probed, and how. */
export const servedSvids = section(
  'How the certificates that TLS servers present are read: by one connection for each port of a pod with an SVID, or for each named target, in each interval. [Served SVIDs](served-svids.md) says what a probe does, and what to set for service meshes.',
  z.strictObject(
    {
      pods: setting(types.flag, {
        help: 'Cluster role: whether the ports of pods with SVIDs are probed. A probe connects only to the address of the pod itself, and never to a pod in the network of its node. The annotation `svidwatch.io/probe` of a pod names its ports, such as `8443` or `grpc,9443`; `never` means none.',
        default: true,
        example: false,
      }),
      portNames: setting(types.portNames, {
        help: 'Cluster role: the names of the container ports that are probed in pods without the annotation.',
        default: ['https', 'tls', 'mtls', 'grpcs'],
        example: ['https', 'internal-tls'],
      }),
      targets: section(
        'Roles cluster and standalone: the servers that are probed by name, a list with these settings for each entry. Each address may be listed once.',
        z
          .array(target, 'must be a list of targets')
          .refine(
            (given) => new Set(given.map(({ address }) => address.text)).size === given.length,
            'must name each address only once',
          ),
        [],
      ),
      interval: setting(types.duration('10s', '1h'), {
        help: 'The time between two probes of a target. Probes are spread over the interval.',
        default: '60s',
        example: '5m',
      }),
      timeout: setting(types.duration('100ms', '30s'), {
        help: 'How long a probe may take, from the connection to the end of the handshake.',
        default: '5s',
        example: '2s',
      }),
      reloadWithin: setting(types.reloadWithin, {
        help: 'How long a server may take to present a renewed SVID: a duration, or a share of the lifetime of the SVID, which is a minute at least.',
        default: '10%',
        example: '5m',
      }),
    },
    types.mustBeMapping,
  ),
  {},
)
