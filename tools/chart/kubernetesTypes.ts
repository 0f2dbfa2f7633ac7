/** The types of values that Kubernetes defines, from the models of the client library: a misspelled field is rejected. */
import * as kubernetes from '@kubernetes/client-node'
import type { JsonSchema, ValueType } from './value.ts'

interface Attribute {
  readonly baseName: string
  readonly type: string
}

/** What the models do not say, for the values that are set most; the API server checks the rest. */
const refinements: Readonly<Record<string, JsonSchema>> = {
  V1EnvVar: { required: ['name'] },
  V1Volume: { required: ['name'] },
  V1VolumeMount: { required: ['name', 'mountPath'] },
  V1TopologySpreadConstraint: { required: ['maxSkew', 'topologyKey', 'whenUnsatisfiable'] },
  V1LabelSelectorRequirement: { required: ['key', 'operator'] },
  V1NodeSelectorRequirement: { required: ['key', 'operator'] },
  V1PodAffinityTerm: { required: ['topologyKey'] },
  V1IPBlock: { required: ['cidr'] },
  V1SeccompProfile: { required: ['type'] },
}

const words = (...allowed: readonly string[]): JsonSchema => ({ enum: allowed })
const fields: Readonly<Record<string, JsonSchema>> = {
  'V1Toleration.operator': words('Exists', 'Equal', 'Lt', 'Gt'),
  'V1Toleration.effect': words('', 'NoSchedule', 'PreferNoSchedule', 'NoExecute'),
  'V1TopologySpreadConstraint.whenUnsatisfiable': words('DoNotSchedule', 'ScheduleAnyway'),
  'V1DaemonSetUpdateStrategy.type': words('RollingUpdate', 'OnDelete'),
  'V1VolumeMount.mountPropagation': words('None', 'HostToContainer', 'Bidirectional'),
  'V1NetworkPolicyPort.protocol': words('TCP', 'UDP', 'SCTP'),
  'V1SeccompProfile.type': words('RuntimeDefault', 'Localhost', 'Unconfined'),
}

/** The models whose fields may be null, which removes what another values file, or this chart, sets. */
const nullable = new Set(['V1PodSecurityContext', 'V1SecurityContext'])

/** The volumes that svidwatch has a use for. */
const only: Readonly<Record<string, readonly string[]>> = {
  V1Volume: [
    'name',
    'configMap',
    'csi',
    'downwardAPI',
    'emptyDir',
    'hostPath',
    'image',
    'nfs',
    'persistentVolumeClaim',
    'projected',
    'secret',
  ],
}

const scalars: Readonly<Record<string, JsonSchema>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  number: { type: 'integer' },
  IntOrString: { type: ['integer', 'string'] },
  Quantity: { type: ['string', 'number'], pattern: '^[0-9]+(\\.[0-9]+)?(m|k|[KMGTPE]i?|[eE][0-9]+)?$' },
}

/** Returns the schemas of the models that `definitionOf` was asked for, and of those that they contain, by name. */
export function definitions(): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries([...found].sort(([one], [other]) => (one < other ? -1 : 1)))
}

const found = new Map<string, JsonSchema>()

/** Returns a reference to the schema of a model, such as `V1Toleration`. */
function definitionOf(model: string): JsonSchema {
  if (!found.has(model)) {
    found.set(model, {})
    const attributes = attributesOf(model).filter(({ baseName }) => only[model]?.includes(baseName) ?? true)
    const properties = Object.fromEntries(
      attributes.map(({ baseName, type }) => {
        const field = fields[`${model}.${baseName}`] ?? schemaOf(type, model)
        return [baseName, nullable.has(model) && 'type' in field ? { ...field, type: [field.type, 'null'] } : field]
      }),
    )
    found.set(model, { type: 'object', ...refinements[model], properties, additionalProperties: false })
  }
  return { $ref: `#/definitions/${model}` }
}

function schemaOf(type: string, model: string): JsonSchema {
  const element = /^Array<(.+)>$/.exec(type)?.[1]
  if (element !== undefined) return { type: 'array', items: schemaOf(element, model) }
  const value = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1]
  if (value !== undefined) {
    const element = model === 'V1ResourceRequirements' ? 'Quantity' : value
    return { type: 'object', additionalProperties: schemaOf(element, model) }
  }
  return scalars[type] ?? definitionOf(type)
}

function attributesOf(model: string): readonly Attribute[] {
  const named: unknown = Reflect.get(kubernetes, model)
  if (typeof named !== 'function') throw new Error(`${model} is no model of @kubernetes/client-node`)
  return (named as unknown as { getAttributeTypeMap(): readonly Attribute[] }).getAttributeTypeMap()
}

/** Returns the type of a mapping. It is no reference, because Helm would begin each message about it with a line about that. */
function model(rule: string, name: string): ValueType {
  definitionOf(name)
  return { rule, schema: found.get(name) ?? {} }
}

const listOf = (rule: string, name: string): ValueType => ({
  rule,
  schema: { type: 'array', items: definitionOf(name) },
})

export const resources = model('the resources of a container', 'V1ResourceRequirements')
export const tolerations = listOf('a list of tolerations', 'V1Toleration')
export const affinity = model('the affinity of a pod', 'V1Affinity')
export const topologySpreadConstraints = listOf('a list of topology spread constraints', 'V1TopologySpreadConstraint')
export const podSecurityContext = model('the security context of a pod', 'V1PodSecurityContext')
export const securityContext = model('the security context of a container', 'V1SecurityContext')
export const env = listOf('a list of environment variables', 'V1EnvVar')
export const volumes = listOf('a list of volumes', 'V1Volume')
export const volumeMounts = listOf('a list of volume mounts', 'V1VolumeMount')
export const updateStrategy = model('the update strategy of a DaemonSet', 'V1DaemonSetUpdateStrategy')
export const peers = listOf('a list of peers of a network policy', 'V1NetworkPolicyPeer')
export const policyPorts = listOf('a list of ports of a network policy', 'V1NetworkPolicyPort')
export const ingressRules = listOf('a list of ingress rules of a network policy', 'V1NetworkPolicyIngressRule')
export const egressRules = listOf('a list of egress rules of a network policy', 'V1NetworkPolicyEgressRule')
