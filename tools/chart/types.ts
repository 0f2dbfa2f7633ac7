/** The types of the chart's values. Patterns are read by Go's regexp, which has no lookahead. */
import { maxNamespaces } from '../../src/namespaces.ts'
import type { JsonSchema, ValueType } from './value.ts'

function pattern(rule: string, source: string, more: JsonSchema = {}): ValueType {
  return { rule, schema: { type: 'string', pattern: source, ...more } }
}

/** Returns the type of a value that may also be an empty text, which is the default of most names. */
function orEmpty(type: ValueType): ValueType {
  const { pattern: source, ...rest } = type.schema
  const inner = String(source).replace(/^\^/, '').replace(/\$$/, '')
  return { rule: `${type.rule}, or empty`, schema: { ...rest, pattern: `^(${inner})?$` } }
}

/** Returns the type of a list. */
export function listOf(plural: string, item: ValueType, more: JsonSchema = {}): ValueType {
  return { rule: `a list of ${plural}`, schema: { type: 'array', items: item.schema, ...more } }
}

export function oneOf(...words: readonly string[]): ValueType {
  return { rule: `one of ${words.filter((word) => word !== '').join(', ')}`, schema: { enum: words } }
}

/** A mapping with the given keys only. */
export function mapOf(rule: string, keys: readonly string[], value: ValueType): ValueType {
  const properties = Object.fromEntries(keys.map((key) => [key, value.schema]))
  return { rule, schema: { type: 'object', properties, additionalProperties: false } }
}

export const flag: ValueType = { rule: 'true or false', schema: { type: 'boolean' } }
export const text: ValueType = { rule: 'a text', schema: { type: 'string' } }
export const port: ValueType = {
  rule: 'a port from 1 to 65535',
  schema: { type: 'integer', minimum: 1, maximum: 65_535 },
}

const label = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?'
export const namespaceName = pattern('the name of a namespace', `^${label}$`)
export const optionalNamespaceName = orEmpty(namespaceName)
/** The longest suffix of an object's name is `-public-keys`; the name must stay that of a Service. */
export const optionalReleaseName = orEmpty(
  pattern('a name of at most 48 lower-case letters, digits and -', '^[a-z]([-a-z0-9]{0,46}[a-z0-9])?$'),
)
export const objectName = pattern('the name of a Kubernetes object', `^${label}(\\.${label})*$`, { maxLength: 253 })
export const optionalObjectName = orEmpty(objectName)
export const optionalNamespacedName = orEmpty(pattern('namespace/name', `^${label}/${label}$`))
/** Charts differ in how they write pull secrets, and a parent chart sets them for all. */
export const globalPullSecrets: ValueType = {
  rule: 'a list of names of Secrets, or of mappings with `name`',
  schema: { type: 'array', items: { type: ['string', 'object'] } },
}

/** Each namespace has Roles and watches of its own. */
export const namespaces = listOf(`at most ${maxNamespaces} different names of namespaces`, namespaceName, {
  maxItems: maxNamespaces,
  uniqueItems: true,
})

export const optionalRegistry = orEmpty(
  pattern(
    'a registry, with its port if it has one',
    '^[a-zA-Z0-9]([-a-zA-Z0-9.]*[a-zA-Z0-9])?(:[0-9]+)?(/[-a-z0-9._]+)*$',
  ),
)
export const repository = pattern(
  'a repository without a registry, tag or digest',
  '^[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$',
)
export const optionalTag = orEmpty(pattern('a tag', '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$'))
export const optionalDigest = orEmpty(pattern('a digest, sha256: and 64 hexadecimal digits', '^sha256:[0-9a-f]{64}$'))

export const absolutePath = pattern('an absolute path', '^/[^:\\s]+$')
export const optionalSeLinuxType = orEmpty(pattern('the name of an SELinux type', '^[a-zA-Z_][a-zA-Z0-9_.]*$'))
/** A duration of Prometheus. */
export const duration = pattern('a duration such as 15s or 1m', '^[1-9][0-9]*(ms|s|m|h)$')
export const optionalDuration = orEmpty(duration)
export const cidr = pattern('an IPv4 or IPv6 network such as 10.0.0.1/32', '^[0-9a-fA-F.:]+/[0-9]{1,3}$')

const labelKey = '^([a-z0-9.-]{1,253}/)?[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?$'
/** The value of a Kubernetes label. */
export const labelValue = pattern('the value of a label', '^([A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?)?$')
export const labelName = pattern('the name of a label', labelKey)
export const labels: ValueType = {
  rule: 'a mapping of labels',
  schema: { type: 'object', patternProperties: { [labelKey]: labelValue.schema }, additionalProperties: false },
}
export const annotations: ValueType = {
  rule: 'a mapping of annotations, whose values are texts',
  schema: { type: 'object', patternProperties: { [labelKey]: text.schema }, additionalProperties: false },
}

const prometheusLabel = '^[a-zA-Z_][a-zA-Z0-9_]*$'
/** The name of a Prometheus label. */
export const prometheusLabelName = pattern('the name of a Prometheus label', prometheusLabel)
export const prometheusLabels: ValueType = {
  rule: 'a mapping of Prometheus labels',
  schema: { type: 'object', patternProperties: { [prometheusLabel]: text.schema }, additionalProperties: false },
}
/** Relabelings of the Prometheus Operator. */
export const relabelings = listOf('relabelings', {
  rule: 'a relabeling',
  schema: {
    type: 'object',
    properties: {
      action: { type: 'string' },
      sourceLabels: { type: 'array', items: prometheusLabelName.schema },
      separator: { type: 'string' },
      regex: { type: 'string' },
      modulus: { type: 'integer', minimum: 1 },
      targetLabel: { type: 'string' },
      replacement: { type: 'string' },
    },
    additionalProperties: false,
  },
})

/** The value of the label `severity`. Routes of Alertmanager may use other words than the shipped ones. */
export const severity = pattern('a word of lower-case letters, digits, _ and -', '^[a-z][a-z0-9_-]*$')

/** Any object of Kubernetes. */
export const anyObject: ValueType = {
  rule: 'an object of Kubernetes',
  schema: {
    type: 'object',
    required: ['apiVersion', 'kind', 'metadata'],
    properties: { apiVersion: text.schema, kind: text.schema, metadata: { type: 'object' } },
  },
}
