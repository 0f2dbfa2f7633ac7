import type { Value, Values } from '../value.ts'
import * as kubernetes from '../kubernetesTypes.ts'
import * as types from '../types.ts'

const map = (type: Value['type'], help: string, example: unknown): Value => ({ type, default: {}, help, example })
const list = (type: Value['type'], help: string, example: unknown): Value => ({ type, default: [], help, example })

/** The values that both roles have. `workload` is the kind of the role's workload. */
export function workloadValues(workload: string, defaults: { readonly podSecurityContext: unknown }): Values {
  return {
    annotations: map(types.annotations, `Annotations of the ${workload}.`, { 'example.com/owner': 'platform' }),
    labels: map(types.labels, `Labels of the ${workload}.`, { team: 'platform' }),
    podAnnotations: map(types.annotations, 'Annotations of the pods.', { 'linkerd.io/inject': 'disabled' }),
    podLabels: map(types.labels, 'Labels of the pods.', { team: 'platform' }),
    nodeSelector: {
      type: types.labels,
      default: { 'kubernetes.io/os': 'linux' },
      help: 'The labels of the nodes on which the pods may run.',
      example: { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' },
    },
    tolerations: list(kubernetes.tolerations, 'The taints of nodes that the pods tolerate.', [
      { key: 'infra', operator: 'Exists', effect: 'NoSchedule' },
    ]),
    affinity: map(kubernetes.affinity, 'The affinity of the pods.', {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'type', operator: 'NotIn', values: ['virtual-kubelet'] }] }],
        },
      },
    }),
    priorityClassName: {
      type: types.optionalObjectName,
      default: '',
      help: 'The priority class of the pods.',
      example: 'system-cluster-critical',
    },
    podSecurityContext: {
      type: kubernetes.podSecurityContext,
      default: defaults.podSecurityContext,
      help: 'The security context of the pods. `null` removes a field, such as `runAsUser` where the platform gives one.',
      example: { runAsUser: null, runAsGroup: null, fsGroup: null },
    },
    securityContext: {
      type: kubernetes.securityContext,
      default: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
      help: 'The security context of the containers.',
      example: { seccompProfile: { type: 'RuntimeDefault' } },
    },
    extraEnv: list(kubernetes.env, 'Further environment variables.', [
      { name: 'HTTPS_PROXY', value: 'http://proxy:3128' },
    ]),
    extraVolumes: list(kubernetes.volumes, 'Further volumes.', [
      { name: 'partner', configMap: { name: 'partner-bundle' } },
    ]),
    extraVolumeMounts: list(
      kubernetes.volumeMounts,
      'Further volume mounts. The program may read what is mounted at their paths.',
      [{ name: 'partner', mountPath: '/etc/svidwatch/partner', readOnly: true }],
    ),
  }
}

/** The Service of a role. */
export const serviceValues: Values = {
  labels: map(types.labels, 'Labels of the Service.', { team: 'platform' }),
  annotations: map(types.annotations, 'Annotations of the Service.', { 'example.com/owner': 'platform' }),
  ipFamilyPolicy: {
    type: types.oneOf('', 'SingleStack', 'PreferDualStack', 'RequireDualStack'),
    default: '',
    help: 'How many IP families the Service has. Without it, the cluster decides.',
    example: 'PreferDualStack',
  },
  ipFamilies: {
    type: types.listOf('IP families', types.oneOf('IPv4', 'IPv6'), { maxItems: 2, uniqueItems: true }),
    default: [],
    help: 'The IP families of the Service. Without any, the cluster decides.',
    example: ['IPv6'],
  },
}
