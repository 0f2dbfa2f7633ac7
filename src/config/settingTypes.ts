import { isIP } from 'node:net'
import { basename } from 'node:path'
import * as z from 'zod'
import { bundleEndpointHost, isBundleEndpointUrl } from '../identity/bundleEndpointUrl.ts'
import { isKeyFileName } from '../identity/keyFile.ts'
import { parseSpiffeId } from '../identity/spiffeId.ts'
import { maxNamespaces } from '../namespaces.ts'
import { durationMs } from './duration.ts'
import { roleNames } from '../role.ts'
import { parseRenewBefore, renewBeforeRule } from './renewBefore.ts'
import { canCombine } from './roles.ts'

/** The message for a section that is not a mapping. */
export const mustBeMapping = 'must be a mapping of settings'

/** What each type of value must be, worded to follow "must be": error messages and the reference page share it. */
export const valueRules = z.registry<{ readonly rule: string }>()

/** Declares a type of value: every refusal by `schema` has the message "must be" and `rule`. */
function valueType<Schema extends z.ZodType>(rule: string, schema: (refusal: string) => Schema): Schema {
  const type = schema(`must be ${rule}`)
  valueRules.add(type, { rule })
  return type
}

function integer(rule: string, min: number, max: number) {
  return valueType(rule, (refusal) =>
    z.number(refusal).refine((given) => Number.isSafeInteger(given) && given >= min && given <= max, refusal),
  )
}

function text(rule: string, accepts: (given: string) => boolean) {
  return valueType(rule, (refusal) => z.string(refusal).refine(accepts, refusal))
}

/** A text that is parsed to another value. `parse` returns undefined for a text that it refuses. */
function parsed<Result>(rule: string, parse: (given: string) => Result | undefined) {
  return valueType(rule, (refusal) =>
    z.string(refusal).transform((given, context) => {
      const result = parse(given)
      if (result !== undefined) return result
      context.addIssue({ code: 'custom', message: refusal })
      return z.NEVER
    }),
  )
}

/** One of a few words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return valueType(`one of ${words.join(', ')}`, (refusal) => z.enum(words, refusal))
}

/** A duration from `shortest` to `longest`, given as text and parsed to milliseconds. */
export function duration(shortest: string, longest: string) {
  const [minMs = 0, maxMs = 0] = [durationMs(shortest), durationMs(longest)]
  return parsed(`a duration from ${shortest} to ${longest}, such as 1500ms, 5s or 2m`, (given) => {
    const ms = durationMs(given)
    return ms !== undefined && ms >= minMs && ms <= maxMs ? ms : undefined
  })
}

export const flag = valueType('true or false', (refusal) => z.boolean(refusal))
export const positiveInteger = integer('a positive integer', 1, Number.MAX_SAFE_INTEGER)
export const pageSize = integer('an integer from 1 to 10000', 1, 10_000)
export const share = valueType('a number from 0 to 1', (refusal) => z.number(refusal).min(0, refusal).max(1, refusal))
export const port = integer('a port from 0 to 65535, where 0 picks a free port', 0, 65_535)
export const ipAddress = text('an IP address', (given) => isIP(given) !== 0)
export const contextName = text('the name of a context', (given) => given.trim() !== '')

const hasText = (given: string) => given.trim() !== '' && !given.includes('\0')
/** svidwatch never opens a workload's private key, so a setting must not name one by mistake either. */
const isNamedLikeKey = (given: string) => isKeyFileName(basename(given))
const notNamedLikeKey = 'not named like a private key (tls.key, svid_key.pem)'

export const path = text('a path', hasText)
export const paths = valueType('a list of paths', (refusal) => z.array(path, refusal))
export const pathOfNoKey = text(
  `a path to a file that is ${notNamedLikeKey}`,
  (given) => hasText(given) && !isNamedLikeKey(given),
)
export const certificateFileName = text(
  `the name, without a folder, of a file that is ${notNamedLikeKey}`,
  (given) => hasText(given) && !given.includes('/') && given !== '.' && given !== '..' && !isNamedLikeKey(given),
)

const dnsLabel = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?'
const dnsLabelOnly = new RegExp(`^${dnsLabel}$`)
const dnsName = new RegExp(`^(?=.{1,253}$)${dnsLabel}(\\.${dnsLabel})*$`)

/** The namespace and the name of a Kubernetes object, given as `namespace/name`. */
export const namespacedName = parsed('namespace/name', (given) => {
  const [namespace = '', name = '', ...rest] = given.split('/')
  const accepted = rest.length === 0 && dnsLabelOnly.test(namespace) && dnsName.test(name)
  return accepted ? { namespace, name } : undefined
})

export const namespaceName = text('the name of a namespace', (given) => dnsLabelOnly.test(given))
/** Each namespace has watches of its own, and its own position in the checkpoint. */
export const namespaces = valueType(`a list of 1 to ${maxNamespaces} different names of namespaces`, (refusal) =>
  z
    .array(namespaceName, refusal)
    .min(1, refusal)
    .max(maxNamespaces, refusal)
    .refine((given) => new Set(given).size === given.length, refusal),
)
export const driverName = text('the name of a CSI driver', (given) => dnsName.test(given))
/** When the renewal of an SVID is due, parsed to a `RenewalRule`. */
export const renewBefore = parsed(renewBeforeRule, parseRenewBefore)

export const nodeName = text('the name of a node', (given) => dnsName.test(given))
export const agentName = text('a name of lower-case letters, digits and -', (given) => dnsLabelOnly.test(given))

const labelNamePattern = /^([a-z0-9.-]{1,253}\/)?[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?$/
export const labelName = text('the name of a Kubernetes label', (given) => labelNamePattern.test(given))
const labelValue = text('the value of a Kubernetes label', (given) => /^[-_.A-Za-z0-9]{1,63}$/.test(given))
export const labels = valueType('a mapping of one or more Kubernetes labels', (refusal) =>
  z.record(z.string(), labelValue, refusal).refine((given) => {
    const names = Object.keys(given)
    return names.length > 0 && names.every((name) => labelNamePattern.test(name))
  }, refusal),
)

const pathOfId = (given: string) => {
  const id = parseSpiffeId(given)
  return 'problem' in id ? undefined : id.path
}
export const trustDomain = text('the name of a trust domain', (given) => pathOfId(`spiffe://${given}`) === '')
export const workloadId = text('the SPIFFE ID of a workload, such as spiffe://example.org/web', (given) =>
  Boolean(pathOfId(given)),
)
/** SPIFFE Federation, section 5.2. */
export const bundleEndpointUrl = text('an https URL without user information', (given) => isBundleEndpointUrl(given))

export const collectorUrl = text('an http or https URL without user information, query and fragment', (given) => {
  if (!URL.canParse(given)) return false
  const { protocol, username, password } = new URL(given)
  return /^https?:$/.test(protocol) && username === '' && password === '' && !/[?#]/.test(given)
})

const redirectHost = parsed('a host such as cdn.example, with its port unless that is 443', bundleEndpointHost)
export const redirectHosts = valueType('a list of hosts, each with its port unless that is 443', (refusal) =>
  z.array(redirectHost, refusal),
)

export const roles = valueType('a list of cluster, node or both, or of only standalone', (refusal) =>
  z.array(oneOf(roleNames), refusal).refine(canCombine, refusal),
)
