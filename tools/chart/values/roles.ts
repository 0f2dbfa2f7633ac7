import type { Values } from '../value.ts'
import * as kubernetes from '../kubernetesTypes.ts'
import * as types from '../types.ts'
import { settingsOf } from '../settings.ts'
import { serviceValues, workloadValues } from './workload.ts'

/** The roles, and what connects them. */
export const roles: Values = {
  cluster: {
    help: 'The cluster role: a Deployment with one replica, in the namespace of the release.',
    values: {
      enabled: { type: types.flag, default: true, help: 'Whether the cluster role is deployed.', example: false },
      resources: {
        type: kubernetes.resources,
        default: {},
        help: 'The resources of the container, over those of `size`. The heap of its JavaScript engine follows the memory limit.',
        example: { requests: { cpu: '50m', memory: '256Mi' }, limits: { memory: '1Gi' } },
      },
      ...workloadValues('Deployment', {
        podSecurityContext: {
          runAsNonRoot: true,
          runAsUser: 65_532,
          runAsGroup: 65_532,
          fsGroup: 65_532,
          seccompProfile: { type: 'RuntimeDefault' },
        },
      }),
      topologySpreadConstraints: {
        type: kubernetes.topologySpreadConstraints,
        default: [],
        help: 'How the pod is spread together with others that the selector of a constraint matches.',
        example: [
          {
            maxSkew: 1,
            topologyKey: 'topology.kubernetes.io/zone',
            whenUnsatisfiable: 'ScheduleAnyway',
            labelSelector: { matchLabels: { team: 'platform' } },
          },
        ],
      },
      service: { help: 'The Service of the cluster role.', values: serviceValues },
      podDisruptionBudget: {
        help: 'The PodDisruptionBudget of the cluster role.',
        values: {
          enabled: {
            type: types.flag,
            default: false,
            help: 'Whether the chart creates it. It lets nobody evict the only pod, so a drain of its node waits until someone deletes the pod.',
            example: true,
          },
        },
      },
    },
  },
  node: {
    help: 'The node role: a DaemonSet that reads the SVIDs mounted on each node, in a namespace of its own.',
    values: {
      enabled: {
        type: types.flag,
        default: true,
        help: 'Whether the node role is deployed. Without it, only what was issued is known, unless `nodeFindings.service` names the node roles of another release.',
        example: false,
      },
      namespace: {
        help: 'The namespace of the node role. It must allow privileged pods, because no stricter level of Pod Security allows a folder of the node. Use it for svidwatch alone.',
        values: {
          name: {
            type: types.optionalNamespaceName,
            default: '',
            help: 'Its name. Without it, the namespace of the release and `-node`.',
            example: 'svidwatch-agents',
          },
          create: { type: types.flag, default: true, help: 'Whether the chart creates it.', example: false },
          labels: {
            type: types.labels,
            default: {},
            help: 'Further labels of the namespace that the chart creates.',
            example: { 'istio-injection': 'disabled' },
          },
          annotations: {
            type: types.annotations,
            default: {},
            help: 'Annotations of the namespace that the chart creates.',
            example: { 'openshift.io/node-selector': '' },
          },
        },
      },
      settings: {
        type: settingsOf('node'),
        default: {},
        help: 'The settings of the node role, as in its settings file (docs/configuration.md).',
        example: { drivers: [{ name: 'csi.cert-manager.io', renewBefore: '20m' }] },
      },
      kubeletRoot: {
        type: types.absolutePath,
        default: '/var/lib/kubelet',
        help: "The kubelet's root folder on the nodes.",
        example: '/var/lib/k0s/kubelet',
      },
      seLinuxType: {
        type: types.optionalSeLinuxType,
        default: '',
        help: 'The SELinux type of the container, where SELinux enforces: one that may read what is mounted into other pods.',
        example: 'spc_t',
      },
      tolerateAll: {
        type: types.flag,
        default: true,
        help: 'Whether the pods tolerate every taint, since SVIDs can be mounted on every node that runs pods. Otherwise, `node.tolerations` counts.',
        example: false,
      },
      resources: {
        type: kubernetes.resources,
        default: { requests: { cpu: '10m', memory: '96Mi' }, limits: { memory: '192Mi' } },
        help: 'The resources of the container.',
        example: { requests: { cpu: '20m', memory: '128Mi' }, limits: { memory: '256Mi' } },
      },
      updateStrategy: {
        type: kubernetes.updateStrategy,
        default: { rollingUpdate: { maxUnavailable: '10%' } },
        help: 'The update strategy of the DaemonSet.',
        example: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
      },
      ...workloadValues('DaemonSet', {
        podSecurityContext: { runAsUser: 0, runAsGroup: 0, seccompProfile: { type: 'RuntimeDefault' } },
      }),
      service: { help: 'The headless Service through which the node roles are found.', values: serviceValues },
    },
  },
  nodeFindings: {
    help: 'How the cluster role follows the node roles.',
    values: {
      service: {
        type: types.optionalNamespacedName,
        default: '',
        help: 'The headless Service of the node roles of another release, as `namespace/name`. It needs `node.enabled: false`.',
        example: 'svidwatch-node/svidwatch-node',
      },
    },
  },
  keys: {
    help: 'The keys with which the cluster role authenticates itself to the node roles. Without these values the cluster role makes a key at its first start, in a Secret that belongs to the release.',
    values: {
      signingSecret: {
        type: types.optionalObjectName,
        default: '',
        help: 'A Secret in the namespace of the release whose `key.pem` is the private key (PKCS #8, Ed25519 or P-256). With it, the chart makes no Secret and the cluster role may read none through the API.',
        example: 'svidwatch-signing-key',
      },
      publicKeysConfigMap: {
        type: types.optionalObjectName,
        default: '',
        help: 'A ConfigMap in the namespace of the node role whose `public.pem` has the public keys that are accepted. It is needed with `keys.signingSecret`.',
        example: 'svidwatch-public-keys',
      },
    },
  },
}
