import type { Values } from '../value.ts'
import * as types from '../types.ts'
import { settingsOf } from '../settings.ts'

/** The names, the image and the size of a release, and what it watches. */
export const release: Values = {
  enabled: {
    type: types.flag,
    default: true,
    help: 'For a parent chart, whose dependency on this chart may have the condition `svidwatch.enabled`. It has no effect here.',
    example: true,
  },
  global: {
    help: 'Values that a parent chart sets for all of its charts. Other keys are allowed here, and ignored.',
    open: true,
    values: {
      imageRegistry: {
        type: types.optionalRegistry,
        default: '',
        help: 'The registry of all images. It takes the place of `image.registry`.',
        example: 'registry.example:5000',
      },
      imagePullSecrets: {
        type: types.globalPullSecrets,
        default: [],
        help: 'The pull secrets of all images, besides `image.pullSecrets`.',
        example: ['registry-credentials'],
      },
    },
  },
  nameOverride: {
    type: types.optionalReleaseName,
    default: '',
    help: 'The name of the chart in the names of objects, in place of `svidwatch`.',
    example: 'svids',
  },
  fullnameOverride: {
    type: types.optionalReleaseName,
    default: '',
    help: 'The beginning of the names of all objects, in place of the name of the release and of the chart.',
    example: 'svidwatch-blue',
  },
  commonLabels: {
    type: types.labels,
    default: {},
    help: 'Labels of all objects and pods.',
    example: { team: 'platform' },
  },
  commonAnnotations: {
    type: types.annotations,
    default: {},
    help: 'Annotations of all objects.',
    example: { 'example.com/owner': 'platform@example.com' },
  },
  image: {
    help: 'The image of both roles.',
    values: {
      registry: {
        type: types.optionalRegistry,
        default: '',
        help: 'The registry. Without it, the container runtime uses its default.',
        example: 'registry.example',
      },
      repository: {
        type: types.repository,
        default: 'svidwatch',
        help: 'The repository.',
        example: 'mirror/svidwatch',
      },
      tag: {
        type: types.optionalTag,
        default: '',
        help: "The tag. Without it, the chart's `appVersion`.",
        example: '0.1.1',
      },
      digest: {
        type: types.optionalDigest,
        default: '',
        help: 'The digest. It takes the place of the tag.',
        example: `sha256:${'0123456789abcdef'.repeat(4)}`,
      },
      pullPolicy: {
        type: types.oneOf('IfNotPresent', 'Always', 'Never'),
        default: 'IfNotPresent',
        help: 'When the image is pulled.',
        example: 'Always',
      },
      pullSecrets: {
        type: types.listOf('names of Secrets', types.objectName),
        default: [],
        help: 'The Secrets with the credentials of the registry, in the namespaces of both roles.',
        example: ['registry-credentials'],
      },
    },
  },
  size: {
    type: types.oneOf('small', 'medium', 'large'),
    default: 'medium',
    help: 'The size of the cluster. The resources of the cluster role follow from it; docs/performance.md has the figures. `cluster.resources` takes the place of the memory.',
    example: 'large',
  },
  namespaces: {
    type: types.namespaces,
    default: [],
    help: 'The namespaces to watch. With any, the chart makes Roles in these namespaces and no ClusterRole, and svidwatch needs no right in the whole cluster. Without any, the whole cluster is watched.',
    example: ['team-a', 'team-b'],
  },
  settings: {
    type: settingsOf('cluster'),
    default: {},
    help: 'The settings of the cluster role, as in its settings file (docs/configuration.md). What other values of the chart set is refused here, and the message names the value.',
    example: { coverage: { namespaceLabel: 'example.com/svids' } },
  },
}
