import { issuerPattern, labelValuePattern, objectNamePattern } from '../../text/kubernetesNames.ts'
import { spiffeIdPattern, trustDomainPattern } from '../../identity/spiffeId.ts'

/** Words of svidwatch itself: reason codes, states, names of metrics and sources, and the like. */
const word = /^[A-Za-z0-9_-]+$/
/** A key identifier in hex. */
const keyIdPattern = /^[0-9a-f]{1,64}$/

/** The name of a ConfigMap, or that of an object without a namespace after its kind: `Bundle/spiffe-trust`. Only ClusterTrustBundles have colons. */
const bundleNamePattern =
  /^(?=.{1,300}$)(?:(?:(?:Bundle|ClusterBundle)\/)?[a-z0-9](?:[-.a-z0-9]*[a-z0-9])?|ClusterTrustBundle\/[a-z0-9](?:[-.:a-z0-9]*[a-z0-9])?)$/

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
  authority: keyIdPattern,
  bundle: bundleNamePattern,
  file: /^/,
  ...Object.fromEntries(
    [
      'cause',
      'code',
      'copy',
      'explained_by',
      'family',
      'finding',
      'holder',
      'kind',
      'left',
      'method',
      'muted',
      'outcome',
      'reason',
      'result',
      'severity',
      'source',
      'state',
      'trusting',
      'use',
    ].map((name) => [name, word]),
  ),
  roles: /^[a-z]+(,[a-z]+)*$/,
  version,
  node_version: version,
}
