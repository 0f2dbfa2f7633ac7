import * as z from 'zod'
import { requiredSetting, optionalSetting, section, setting } from './documentation.ts'
import { spiffeDriver } from './spiffeDriver.ts'
import * as types from './settingTypes.ts'

const name = requiredSetting(types.agentName, {
  help: 'The name of the agent, which is the value of the label `agent`.',
  example: 'csi-driver-spiffe',
})
const driver = requiredSetting(types.driverName, {
  help: 'The CSI driver that the agent registers with the kubelet. Pods that mount volumes of this driver need the agent on their node.',
  example: spiffeDriver.name,
})
const podLabels = requiredSetting(types.labels, {
  help: "The labels that identify the agent's pods; a pod must have all of them.",
  example: { app: 'cert-manager-csi-driver-spiffe' },
})
const namespace = optionalSetting(types.namespaceName, {
  help: "The namespace of the agent's pods. Without it, anyone who may create pods in any namespace can create one with these labels, which makes the agent on that node look up.",
  unset: 'any namespace',
  example: 'cert-manager',
})

interface Agent {
  readonly podLabels: Readonly<Record<string, string>>
  readonly namespace?: string | undefined
}

/** Reports whether every pod that matches `agent` matches `earlier` too. */
const isCoveredBy = (agent: Agent, earlier: Agent): boolean =>
  (earlier.namespace === undefined || earlier.namespace === agent.namespace) &&
  Object.entries(earlier.podLabels).every(([label, value]) => agent.podLabels[label] === value)

export const agents = section(
  'The agents that bring SVIDs to the pods of their node: a list with these settings for each entry. Each name may be used once, and a pod belongs to the first agent that it matches. A given list replaces the default: csi-driver-spiffe (driver `spiffe.csi.cert-manager.io`, pods with the label `app: cert-manager-csi-driver-spiffe`) and spire-agent (driver `csi.spiffe.io`, pods with the labels `app.kubernetes.io/name: agent` and `app.kubernetes.io/instance: spire`).',
  z
    .array(z.strictObject({ name, driver, podLabels, namespace }, types.mustBeMapping), 'must be a list of agents')
    .refine(
      (given) => new Set(given.map((agent) => agent.name)).size === given.length,
      'must name each agent only once',
    )
    .superRefine((given, context) => {
      for (const [index, agent] of given.entries()) {
        const coveredBy = given.slice(0, index).findIndex((earlier) => isCoveredBy(agent, earlier))
        const message = `matches only pods that agents[${coveredBy}] matches too, and a pod belongs to the first agent that it matches`
        if (coveredBy !== -1) context.addIssue({ code: 'custom', path: [index], message, input: agent })
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
      namespaceLabel: setting(types.labelName, {
        help: 'The label that marks namespaces whose pods should all have SVIDs, with the value `expected`. Namespaces in which any pod mounts a volume for an SVID count as well. It has no effect with `kubernetes.namespaces`.',
        default: 'svidwatch.io/svids',
        example: 'example.com/svids',
      }),
      agentSockets: setting(types.paths, {
        help: "The paths of the agents' sockets on a node. Pods that mount one of these files directly through hostPath are counted.",
        default: [
          '/run/spire/agent-sockets/spire-agent.sock',
          '/run/spire/sockets/agent.sock',
          '/tmp/spire-agent/public/api.sock',
        ],
        example: ['/run/spire/agent-sockets/spire-agent.sock'],
      }),
    },
    types.mustBeMapping,
  ),
  {},
)

export const nodeFindings = section(
  'How the findings of node roles reach the cluster role.',
  z
    .strictObject(
      {
        service: optionalSetting(types.namespacedName, {
          help: 'Cluster role: the headless Service of the node roles, also of those that another svidwatch owns. The cluster role follows the findings at each endpoint of the Service.',
          unset: 'no node role is followed',
          example: 'svidwatch-node/svidwatch-node',
        }),
        signingKey: optionalSetting(types.path, {
          help: 'Cluster role: a PEM file with the private key (PKCS #8, Ed25519 or P-256) that signs the tokens for the node roles. A replaced file takes effect at once.',
          unset: 'no node role is followed',
          example: '/etc/svidwatch/signing/key.pem',
        }),
        signingSecret: optionalSetting(types.namespacedName, {
          help: 'Cluster role, in place of `signingKey`: the Secret whose `key.pem` is the private key. It must exist; svidwatch may only get and update it, makes an Ed25519 key where it has none, and reads it every three minutes. To replace the key, empty the Secret: svidwatch makes another one, and signs with it once it has been in `publicKeysConfigMap` for three minutes.',
          unset: '`signingKey`',
          example: undefined,
        }),
        publicKeysConfigMap: optionalSetting(types.namespacedName, {
          help: "Cluster role, with `signingSecret`: the ConfigMap whose `public.pem` holds the node roles' public keys. It must exist; svidwatch may only get and update it, and adds its public key if it is not there. It removes none: take out a key that is no longer used, or empty the ConfigMap, and each svidwatch adds its own again.",
          unset: 'the public key reaches the node roles in another way',
          example: undefined,
        }),
        publicKeys: optionalSetting(types.path, {
          help: 'Node role: a PEM file with the public keys whose tokens are accepted, 16 at most: one for each svidwatch that follows it, and the next one while a key is being replaced. A replaced file takes effect at once.',
          unset: 'the findings are not offered',
          example: '/etc/svidwatch/keys/public.pem',
        }),
        nodeName: optionalSetting(types.nodeName, {
          help: 'Node role: the name of the node. Only tokens for this node are accepted.',
          unset: 'the environment variable `NODE_NAME`, else the host name',
          example: 'worker-1',
        }),
      },
      types.mustBeMapping,
    )
    .superRefine((given, context) => {
      const { service, signingKey, signingSecret, publicKeysConfigMap } = given
      const refuse = (message: string) => context.addIssue({ code: 'custom', message, input: given })
      if (signingKey !== undefined && signingSecret !== undefined)
        return refuse('must have signingKey or signingSecret, not both')
      if ((service === undefined) !== (signingKey === undefined && signingSecret === undefined))
        return refuse('must have both service and signingKey or signingSecret, or neither')
      if (publicKeysConfigMap !== undefined && signingSecret === undefined)
        refuse('must have publicKeysConfigMap only with signingSecret')
    }),
  {},
)
