import { isIP } from 'node:net'
import { basename } from 'node:path'
import * as z from 'zod'
import { bundleEndpointHost, isBundleEndpointUrl } from '../identity/bundleEndpointUrl.ts'
import { isKeyFileName } from '../identity/keyFile.ts'
import { parseSpiffeId, trustDomainPattern } from '../identity/spiffeId.ts'
import { maxNamespaces } from '../namespaces.ts'
import { durationMs, durationPattern } from './duration.ts'
import { roleNames } from '../role.ts'
import { hostAndPortPattern, hostNamePattern, isHostName, parseHostAndPort } from './hostAndPort.ts'
import { parseReloadWithin, reloadWithinPattern, reloadWithinRule } from './reloadWithin.ts'
import { parseRenewBefore, renewBeforePattern, renewBeforeRule } from './renewBefore.ts'
import { canCombine } from './roles.ts'

/** The message for a section that is not a mapping. */
export const mustBeMapping = 'must be a mapping of settings'

/** What a type of value must be. */
interface ValueRule {
  /** Worded to follow "must be": error messages and the reference page share it. */
  readonly rule: string
  /**
   * What zod cannot tell of the type, as keywords of a JSON schema for the values file of the chart. They accept what the type
   * accepts, in its usual spelling (`https:`, not `HTTPS:`). Patterns have no lookahead, which Helm's engine does not know.
   */
  readonly keywords: Readonly<Record<string, unknown>>
}

export const valueRules = z.registry<ValueRule>()

/** Declares a type of value: every refusal by `schema` has the message "must be" and `rule`. */
function valueType<Schema extends z.ZodType>(
  rule: string,
  schema: (refusal: string) => Schema,
  keywords: ValueRule['keywords'] = {},
): Schema {
  const type = schema(`must be ${rule}`)
  valueRules.add(type, { rule, keywords })
  return type
}

function integer(rule: string, min: number, max: number) {
  return valueType(
    rule,
    (refusal) =>
      z.number(refusal).refine((given) => Number.isSafeInteger(given) && given >= min && given <= max, refusal),
    { type: 'integer', minimum: min, maximum: max },
  )
}

/** A text that `accepts` accepts; `pattern` matches each of them. */
function text(rule: string, pattern: string, accepts: (given: string) => boolean) {
  return valueType(rule, (refusal) => z.string(refusal).refine(accepts, refusal), { pattern })
}

/** A text that is parsed to another value. `parse` returns undefined for a text that it refuses; `pattern` matches every other. */
function parsed<Result>(rule: string, pattern: string, parse: (given: string) => Result | undefined) {
  return valueType(
    rule,
    (refusal) =>
      z.string(refusal).transform((given, context) => {
        const result = parse(given)
        if (result !== undefined) return result
        context.addIssue({ code: 'custom', message: refusal })
        return z.NEVER
      }),
    { pattern },
  )
}

/** One of a few words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return valueType(`one of ${words.join(', ')}`, (refusal) => z.enum(words, refusal))
}

/** A duration from `shortest` to `longest`, given as text and parsed to milliseconds. */
export function duration(shortest: string, longest: string) {
  const [minMs = 0, maxMs = 0] = [durationMs(shortest), durationMs(longest)]
  return parsed(`a duration from ${shortest} to ${longest}, such as 1500ms, 5s or 2m`, durationPattern, (given) => {
    const ms = durationMs(given)
    return ms !== undefined && ms >= minMs && ms <= maxMs ? ms : undefined
  })
}

const hasTextPattern = '\\S'

export const flag = valueType('true or false', (refusal) => z.boolean(refusal))
export const positiveInteger = integer('a positive integer', 1, Number.MAX_SAFE_INTEGER)
export const pageSize = integer('an integer from 1 to 10000', 1, 10_000)
export const share = valueType('a number from 0 to 1', (refusal) => z.number(refusal).min(0, refusal).max(1, refusal))
export const port = integer('a port from 0 to 65535, where 0 picks a free port', 0, 65_535)
export const ipAddress = text('an IP address', '^[0-9a-fA-F.:]+$', (given) => isIP(given) !== 0)
export const contextName = text('the name of a context', hasTextPattern, (given) => given.trim() !== '')

const hasText = (given: string) => given.trim() !== '' && !given.includes('\0')
/** svidwatch never opens a workload's private key, so a setting must not name one by mistake either. */
const isNamedLikeKey = (given: string) => isKeyFileName(basename(given))
const notNamedLikeKey = 'not named like a private key (tls.key, svid_key.pem)'

export const path = text('a path', hasTextPattern, hasText)
export const paths = valueType('a list of paths', (refusal) => z.array(path, refusal))
export const pathOfNoKey = text(
  `a path to a file that is ${notNamedLikeKey}`,
  hasTextPattern,
  (given) => hasText(given) && !isNamedLikeKey(given),
)
export const certificateFileName = text(
  `the name, without a folder, of a file that is ${notNamedLikeKey}`,
  '^[^/]+$',
  (given) => hasText(given) && !given.includes('/') && given !== '.' && given !== '..' && !isNamedLikeKey(given),
)

const dnsLabel = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?'
const dnsLabelOnly = new RegExp(`^${dnsLabel}$`)
const dnsNamePattern = `${dnsLabel}(\\.${dnsLabel})*`
const dnsName = new RegExp(`^(?=.{1,253}$)${dnsNamePattern}$`)

/** The namespace and the name of a Kubernetes object, given as `namespace/name`. */
export const namespacedName = parsed('namespace/name', `^${dnsLabel}/${dnsNamePattern}$`, (given) => {
  const [namespace = '', name = '', ...rest] = given.split('/')
  const accepted = rest.length === 0 && dnsLabelOnly.test(namespace) && dnsName.test(name)
  return accepted ? { namespace, name } : undefined
})

export const namespaceName = text('the name of a namespace', dnsLabelOnly.source, (given) => dnsLabelOnly.test(given))
/** Each namespace has watches of its own, and its own position in the checkpoint. */
export const namespaces = valueType(
  `a list of 1 to ${maxNamespaces} different names of namespaces`,
  (refusal) =>
    z
      .array(namespaceName, refusal)
      .min(1, refusal)
      .max(maxNamespaces, refusal)
      .refine((given) => new Set(given).size === given.length, refusal),
  { uniqueItems: true },
)
const configMapName = text('the name of a ConfigMap', `^${dnsNamePattern}$`, (given) => dnsName.test(given))
/** Each name has a watch of its own, in each namespace if they are watched one by one. */
const maxConfigMapNames = 10
export const configMapNames = valueType(
  `a list of up to ${maxConfigMapNames} different names of ConfigMaps`,
  (refusal) =>
    z
      .array(configMapName, refusal)
      .max(maxConfigMapNames, refusal)
      .refine((given) => new Set(given).size === given.length, refusal),
  { uniqueItems: true },
)
export const driverName = text('the name of a CSI driver', `^${dnsNamePattern}$`, (given) => dnsName.test(given))
/** When the renewal of an SVID is due, parsed to a `RenewalRule`. */
export const renewBefore = parsed(renewBeforeRule, renewBeforePattern, parseRenewBefore)

export const nodeName = text('the name of a node', `^${dnsNamePattern}$`, (given) => dnsName.test(given))
export const agentName = text('a name of lower-case letters, digits and -', dnsLabelOnly.source, (given) =>
  dnsLabelOnly.test(given),
)

const labelNamePattern = '^([a-z0-9.-]{1,253}/)?[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?$'
const isLabelName = (given: string) => new RegExp(labelNamePattern).test(given)
export const labelName = text('the name of a Kubernetes label', labelNamePattern, isLabelName)
const labelValuePattern = '^[-_.A-Za-z0-9]{1,63}$'
const isLabelValue = (given: string) => new RegExp(labelValuePattern).test(given)
const labelValue = text('the value of a Kubernetes label', labelValuePattern, isLabelValue)
export const labels = valueType(
  'a mapping of one or more Kubernetes labels',
  (refusal) =>
    z.record(z.string(), labelValue, refusal).refine((given) => {
      const names = Object.keys(given)
      return names.length > 0 && names.every(isLabelName)
    }, refusal),
  {
    minProperties: 1,
    patternProperties: { [labelNamePattern]: { type: 'string', pattern: labelValuePattern } },
    additionalProperties: false,
  },
)

const pathOfId = (given: string) => {
  const id = parseSpiffeId(given)
  return 'problem' in id ? undefined : id.path
}
export const trustDomain = text(
  'the name of a trust domain',
  trustDomainPattern.source,
  (given) => pathOfId(`spiffe://${given}`) === '',
)
export const workloadId = text(
  'the SPIFFE ID of a workload, such as spiffe://example.org/web',
  '^spiffe://[-._a-z0-9]+(/[-._A-Za-z0-9]+)+$',
  (given) => Boolean(pathOfId(given)),
)
/** SPIFFE Federation, section 5.2. */
export const bundleEndpointUrl = text('an https URL without user information', '^https://', (given) =>
  isBundleEndpointUrl(given),
)

export const collectorUrl = text(
  'an http or https URL without user information, query and fragment',
  '^https?://([^/?#@:]+|\\[[0-9a-fA-F:.]+\\])(:[0-9]*)?(/[^?#]*)?$',
  (given) => {
    if (!URL.canParse(given)) return false
    const { protocol, username, password } = new URL(given)
    return /^https?:$/.test(protocol) && username === '' && password === '' && !/[?#]/.test(given)
  },
)

const redirectHost = parsed(
  'a host such as cdn.example, with its port unless that is 443',
  '^[^/@]+$',
  bundleEndpointHost,
)
export const redirectHosts = valueType('a list of hosts, each with its port unless that is 443', (refusal) =>
  z.array(redirectHost, refusal),
)

/** Parsed to a `HostAndPort`. */
export const hostAndPort = parsed(
  'a host and a port, such as web.example:8443 or [2001:db8::1]:8443',
  hostAndPortPattern,
  parseHostAndPort,
)
export const hostName = text('a name in DNS', hostNamePattern, isHostName)
const protocol = text('an application protocol', '^[ -~]{1,255}$', (given) => /^[ -~]{1,255}$/.test(given))
export const protocols = valueType('a list of one or more application protocols, such as h2', (refusal) =>
  z.array(protocol, refusal).min(1, refusal),
)
const portName = text('the name of a port', '^[-a-z0-9]{1,15}$', (given) => /^[-a-z0-9]{1,15}$/.test(given))
export const portNames = valueType('a list of names of container ports', (refusal) => z.array(portName, refusal))
/** Parsed to a `ReloadRule`. */
export const reloadWithin = parsed(reloadWithinRule, reloadWithinPattern, parseReloadWithin)

export const roles = valueType('a list of cluster, node or both, or of only standalone', (refusal) =>
  z.array(oneOf(roleNames), refusal).refine(canCombine, refusal),
)
