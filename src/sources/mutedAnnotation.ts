import type { KubernetesObject } from './kubernetesObject.ts'

const annotation = 'svidwatch.io/page'

/** Reports whether the annotations of a pod or namespace say that its problems page no one. Any other value means that they do. */
export const isMuted = (metadata: KubernetesObject): boolean =>
  metadata.object('annotations').text(annotation) === 'never'
