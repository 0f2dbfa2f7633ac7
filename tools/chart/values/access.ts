import type { Values } from '../value.ts'
import * as kubernetes from '../kubernetesTypes.ts'
import * as types from '../types.ts'

/** Whom svidwatch may ask, and who may ask svidwatch. */
export const access: Values = {
  serviceAccount: {
    help: 'The service account of the cluster role. The node role has no credentials of the cluster.',
    values: {
      create: { type: types.flag, default: true, help: 'Whether the chart creates it.', example: false },
      name: {
        type: types.optionalObjectName,
        default: '',
        help: 'Its name. Without it, the name of the release. It is needed if the chart creates none but grants rights.',
        example: 'svidwatch-reader',
      },
      annotations: {
        type: types.annotations,
        default: {},
        help: 'Annotations of the service account.',
        example: { 'example.com/owner': 'platform' },
      },
    },
  },
  rbac: {
    help: 'The rights of the cluster role.',
    values: {
      create: {
        type: types.flag,
        default: true,
        help: 'Whether the chart creates the roles and their bindings.',
        example: false,
      },
    },
  },
  networkPolicy: {
    help: 'Network policies for both roles. They allow what svidwatch needs, and what these values name.',
    values: {
      enabled: { type: types.flag, default: false, help: 'Whether the chart creates them.', example: true },
      metricsFrom: {
        type: kubernetes.peers,
        default: [],
        help: 'Who may reach the port of metrics and the API (9797) of both roles, besides svidwatch itself: Prometheus. Without any, everybody.',
        example: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
      },
      probesFrom: {
        type: kubernetes.peers,
        default: [],
        help: 'Who may reach the port of the probes (9798): the kubelets. Many network plugins always allow the kubelet of the node. Without any, everybody.',
        example: [{ ipBlock: { cidr: '10.0.0.0/16' } }],
      },
      apiServer: {
        help: 'Where the API server is.',
        values: {
          ports: {
            type: types.listOf('ports', types.port, { minItems: 1, uniqueItems: true }),
            default: [443, 6443],
            help: 'The ports of its Service and of its endpoints: network plugins differ in which of them they compare.',
            example: [443],
          },
          cidrs: {
            type: types.listOf('networks', types.cidr),
            default: [],
            help: 'Its networks. Without any, every address, at these ports.',
            example: ['10.96.0.1/32', '192.0.2.10/32'],
          },
        },
      },
      servedSvids: {
        help: 'Which pods the cluster role may connect to, to read the certificates that they serve. Without effect while `settings.servedSvids.pods` is false.',
        values: {
          to: {
            type: kubernetes.peers,
            default: [],
            help: 'The pods. Without any, all pods of the namespaces that svidwatch watches.',
            example: [{ namespaceSelector: {}, podSelector: { matchLabels: { 'example.com/spiffe': 'server' } } }],
          },
          ports: {
            type: kubernetes.policyPorts,
            default: [],
            help: 'Their ports. Without any, every TCP port, because the annotation of a pod may name any. Network plugins differ in what they make of names of ports.',
            example: [{ port: 8443 }, { port: 9000, endPort: 9099 }],
          },
        },
      },
      dns: {
        help: 'Where the name servers are. Only bundle endpoints, servers that `settings.servedSvids.targets` names, a collector of traces, and an API server in a kubeconfig file need them.',
        values: {
          ports: {
            type: types.listOf('ports', types.port, { minItems: 1, uniqueItems: true }),
            default: [53],
            help: 'Their ports, over UDP and TCP. The pods of OpenShift listen on 5353.',
            example: [53, 5353],
          },
          to: {
            type: kubernetes.peers,
            default: [
              {
                namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
                podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
              },
            ],
            help: 'Their peers. Without any, every address, at these ports, which name servers on the nodes need.',
            example: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'openshift-dns' } } }],
          },
        },
      },
      extraIngress: {
        type: kubernetes.ingressRules,
        default: [],
        help: 'Further rules for what may reach both roles, such as the cluster roles of other releases that follow the node roles.',
        example: [
          {
            from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'svidwatch-team-a' } } }],
            ports: [{ port: 9797 }],
          },
        ],
      },
      extraEgress: {
        type: kubernetes.egressRules,
        default: [],
        help: 'Further rules for what the cluster role may reach, such as a proxy, or a collector of traces that only a variable in cluster.extraEnv names.',
        example: [{ to: [{ ipBlock: { cidr: '198.51.100.7/32' } }], ports: [{ port: 8443 }] }],
      },
    },
  },
}
