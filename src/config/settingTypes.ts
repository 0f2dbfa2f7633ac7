import { isIP } from 'node:net'
import { basename } from 'node:path'
import * as z from 'zod'
import { isBundleEndpointUrl } from '../identity/bundleEndpointUrl.ts'
import { isKeyFileName } from '../identity/keyFile.ts'
import { parseSpiffeId } from '../identity/spiffeId.ts'
import { durationMs } from './duration.ts'
import { roleNames } from '../role.ts'
import { parseRenewBefore, renewBeforeWords } from './renewBefore.ts'
import { fitTogether } from './roles.ts'

/** What every section says of a value that is none. */
export const mapping = 'must be a mapping of settings'

/** What a value must be, in words that follow "must be": messages and the reference page name it alike. */
export const rules = z.registry<{ readonly rule: string }>()

/** A kind of value: `schema` with every refusal of it worded as `rule`. */
function value<Schema extends z.ZodType>(rule: string, schema: (refusal: string) => Schema): Schema {
  const worded = schema(`must be ${rule}`)
  rules.add(worded, { rule })
  return worded
}

function integer(rule: string, min: number, max: number) {
  return value(rule, (refusal) =>
    z.number(refusal).refine((given) => Number.isSafeInteger(given) && given >= min && given <= max, refusal),
  )
}

function text(rule: string, accepts: (given: string) => boolean) {
  return value(rule, (refusal) => z.string(refusal).refine(accepts, refusal))
}

/** A text that stands for something else; `parse` says undefined of what it refuses. */
function parsed<Result>(rule: string, parse: (given: string) => Result | undefined) {
  return value(rule, (refusal) =>
    z.string(refusal).transform((given, context) => {
      const result = parse(given)
      if (result !== undefined) return result
      context.addIssue({ code: 'custom', message: refusal })
      return z.NEVER
    }),
  )
}

/** One out of a few words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return value(`one of ${words.join(', ')}`, (refusal) => z.enum(words, refusal))
}

/** A duration between two others, as text; milliseconds once it is read. */
export function duration(shortest: string, longest: string) {
  const [minMs = 0, maxMs = 0] = [durationMs(shortest), durationMs(longest)]
  return parsed(`a duration from ${shortest} to ${longest}, such as 1500ms, 5s or 2m`, (given) => {
    const ms = durationMs(given)
    return ms !== undefined && ms >= minMs && ms <= maxMs ? ms : undefined
  })
}

export const positiveInteger = integer('a positive integer', 1, Number.MAX_SAFE_INTEGER)
export const pageSize = integer('an integer from 1 to 10000', 1, 10_000)
export const port = integer('a port from 0 to 65535, where 0 is any free one', 0, 65_535)
export const ipAddress = text('an IP address', (given) => isIP(given) !== 0)
export const contextName = text('the name of a context', (given) => given.trim() !== '')

const hasText = (given: string) => given.trim() !== '' && !given.includes('\0')
/** Private keys are never opened, so a mistake in the configuration must not name one either. */
const isKey = (given: string) => isKeyFileName(basename(given))
const notOfKey = 'not that of a private key (tls.key, svid_key.pem)'

export const path = text('a path', hasText)
export const paths = value('a list of paths', (refusal) => z.array(path, refusal))
export const pathOfNoKey = text(
  `a path to a file whose name is ${notOfKey}`,
  (given) => hasText(given) && !isKey(given),
)
export const certificateFileName = text(
  `a file name without a folder, and ${notOfKey}`,
  (given) => hasText(given) && !given.includes('/') && given !== '.' && given !== '..' && !isKey(given),
)

const dnsLabel = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?'
const dnsLabelOnly = new RegExp(`^${dnsLabel}$`)
const dnsName = new RegExp(`^(?=.{1,253}$)${dnsLabel}(\\.${dnsLabel})*$`)

/** A Kubernetes object as `namespace/name`. */
export const namespacedName = parsed('namespace/name', (given) => {
  const [namespace = '', name = '', ...rest] = given.split('/')
  const accepted = rest.length === 0 && dnsLabelOnly.test(namespace) && dnsName.test(name)
  return accepted ? { namespace, name } : undefined
})

export const namespaceName = text('the name of a namespace', (given) => dnsLabelOnly.test(given))
export const driverName = text('the name of a CSI driver', (given) => dnsName.test(given))
/** When the renewal of an SVID is due; a `RenewalRule` once it is read. */
export const renewBefore = parsed(renewBeforeWords, parseRenewBefore)

export const nodeName = text('the name of a node', (given) => dnsName.test(given))
export const agentName = text('a name of small letters, digits and -', (given) => dnsLabelOnly.test(given))

const labelNamePattern = /^([a-z0-9.-]{1,253}\/)?[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?$/
export const labelName = text('the name of a Kubernetes label', (given) => labelNamePattern.test(given))
const labelValue = text('the value of a Kubernetes label', (given) => /^[-_.A-Za-z0-9]{1,63}$/.test(given))
export const labels = value('a mapping of one or more Kubernetes labels', (refusal) =>
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

export const roles = value('a list of cluster, node or both, or of standalone alone', (refusal) =>
  z.array(oneOf(roleNames), refusal).refine(fitTogether, refusal),
)
