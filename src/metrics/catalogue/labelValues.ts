import { issuerPattern, labelValuePattern, objectNamePattern } from '../../text/kubernetesNames.ts'
import { spiffeIdPattern, trustDomainPattern } from '../../identity/spiffeId.ts'

/** Words of svidwatch itself: reason codes, states, names of metrics and sources, and the like. */
const word = /^[A-Za-z0-9_-]+$/
const version = /^v?[0-9A-Za-z.+-]+$/

/**
 * The values of each label, by its name, apart from ''. Alerts carry labels to pagers and chats, which may take text for markup or for a
 * command, and many of the values are chosen by others. So each value from outside is checked for its pattern where it is read. Only
 * `file` is taken as it is, because the settings name it.
 */
export const labelValues: Readonly<Record<string, RegExp>> = {
  spiffe_id: spiffeIdPattern,
  trust_domain: trustDomainPattern,
  namespace: objectNamePattern,
  pod: objectNamePattern,
  /** The name of a volume, or its hash as long as the pod is not known. */
  volume: labelValuePattern,
  node: objectNamePattern,
  issuer: issuerPattern,
  agent: objectNamePattern,
  file: /^/,
  ...Object.fromEntries(
    [
      'cause',
      'code',
      'copy',
      'explained_by',
      'family',
      'finding',
      'kind',
      'left',
      'method',
      'muted',
      'outcome',
      'reason',
      'severity',
      'source',
      'state',
      'use',
    ].map((name) => [name, word]),
  ),
  roles: /^[a-z]+(,[a-z]+)*$/,
  version,
  node_version: version,
}
