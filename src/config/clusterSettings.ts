import * as z from 'zod'
import { neededSetting, openSetting, section, setting } from './documentation.ts'
import { spiffeDriver } from './spiffeDriver.ts'
import * as values from './settingTypes.ts'

const name = neededSetting(values.agentName, {
  help: 'The name of the agent, as the label `agent` has it.',
  example: 'csi-driver-spiffe',
})
const driver = neededSetting(values.driverName, {
  help: 'The CSI driver that it registers with the kubelet: pods that mount its volumes need the agent on their node.',
  example: spiffeDriver.name,
})
const podLabels = neededSetting(values.labels, {
  help: 'The labels that its pods carry, all of them.',
  example: { app: 'cert-manager-csi-driver-spiffe' },
})
const namespace = openSetting(values.namespaceName, {
  help: 'The namespace of its pods. Without it, whoever may create pods anywhere can give one these labels, and make the agent of its node look up.',
  unset: 'any namespace',
  example: 'cert-manager',
})

interface Agent {
  readonly podLabels: Readonly<Record<string, string>>
  readonly namespace?: string | undefined
}

/** Each pod that fits `agent` fits `other` as well. */
const isWithin = (agent: Agent, other: Agent): boolean =>
  (other.namespace === undefined || other.namespace === agent.namespace) &&
  Object.entries(other.podLabels).every(([label, value]) => agent.podLabels[label] === value)

export const agents = section(
  'The agents that bring SVIDs to the pods of their node: a list, each entry with these settings, no name twice. A pod is the first of them that it fits. Given, the list replaces the default: csi-driver-spiffe (driver `spiffe.csi.cert-manager.io`, pods with the label `app: cert-manager-csi-driver-spiffe`) and spire-agent (driver `csi.spiffe.io`, pods with the label `app.kubernetes.io/name: agent`, and `app.kubernetes.io/instance: spire`).',
  z
    .array(z.strictObject({ name, driver, podLabels, namespace }, values.mapping), 'must be a list of agents')
    .refine((given) => new Set(given.map((agent) => agent.name)).size === given.length, 'must name each agent once')
    .superRefine((given, context) => {
      for (const [index, agent] of given.entries()) {
        const earlier = given.slice(0, index).findIndex((other) => isWithin(agent, other))
        const message = `must have pods that do not fit agents[${earlier}]: a pod is the first agent that it fits`
        if (earlier !== -1) context.addIssue({ code: 'custom', path: [index], message, input: agent })
      }
    }),
  [
    { name: 'csi-driver-spiffe', driver: spiffeDriver.name, podLabels: { app: 'cert-manager-csi-driver-spiffe' } },
    {
      name: 'spire-agent',
      driver: 'csi.spiffe.io',
      podLabels: { 'app.kubernetes.io/name': 'agent', 'app.kubernetes.io/instance': 'spire' },
    },
  ],
)

export const coverage = section(
  'Which pods should have SVIDs.',
  z.strictObject(
    {
      namespaceLabel: setting(values.labelName, {
        help: 'The label of namespaces whose pods should all have SVIDs: its value is `expected`. Namespaces in which any pod mounts a volume for an SVID count as well.',
        default: 'svidwatch.io/svids',
        example: 'example.com/svids',
      }),
      agentSockets: setting(values.paths, {
        help: "The agents' sockets, as paths on a node: pods that mount one of these files itself by hostPath are counted.",
        default: [
          '/run/spire/agent-sockets/spire-agent.sock',
          '/run/spire/sockets/agent.sock',
          '/tmp/spire-agent/public/api.sock',
        ],
        example: ['/run/spire/agent-sockets/spire-agent.sock'],
      }),
    },
    values.mapping,
  ),
  {},
)

export const nodeFindings = section(
  'How the findings of node roles reach the cluster role.',
  z
    .strictObject(
      {
        service: openSetting(values.namespacedName, {
          help: 'Cluster role: the headless Service of the node roles. Their findings are followed at each of its endpoints.',
          unset: 'no node role is followed',
          example: 'svidwatch-node/svidwatch-node',
        }),
        signingKey: openSetting(values.path, {
          help: 'Cluster role: a PEM file with the private key (PKCS #8, Ed25519 or P-256) that signs its tokens. It is read again when it changes.',
          unset: 'no node role is followed',
          example: '/etc/svidwatch/signing/key.pem',
        }),
        publicKeys: openSetting(values.path, {
          help: 'Node role: a PEM file with the public keys whose tokens are accepted; several while a key is replaced. It is read again when it changes.',
          unset: 'the findings are offered to nobody',
          example: '/etc/svidwatch/keys/public.pem',
        }),
        nodeName: openSetting(values.nodeName, {
          help: 'Node role: the name of its node, which tokens must be meant for.',
          unset: 'the environment variable `NODE_NAME`, else the name of the host',
          example: 'worker-1',
        }),
      },
      values.mapping,
    )
    .refine(
      ({ service, signingKey }) => (service === undefined) === (signingKey === undefined),
      'must have service and signingKey both, or neither',
    ),
  {},
)
