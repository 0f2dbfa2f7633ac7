import * as z from 'zod'
import { isRecord } from './mergePatch.ts'
import type { KubernetesObject } from './object.ts'
import type { Target } from './paths.ts'
import { apiVersionOf, type ResourceType } from './resources.ts'
import { ApiError, invalid } from './status.ts'

const strings = z.record(z.string(), z.string())

/** The rules for the metadata of every object. Of the rest, only the data of ConfigMaps and Secrets is checked. */
const metadataSchema = z.looseObject({
  name: z
    .string()
    .max(253)
    .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'a lowercase RFC 1123 subdomain is needed'),
  namespace: z.string().optional(),
  uid: z.string().optional(),
  resourceVersion: z.string().optional(),
  creationTimestamp: z.string().optional(),
  labels: strings.optional(),
  annotations: strings.optional(),
  ownerReferences: z
    .array(z.looseObject({ apiVersion: z.string(), kind: z.string(), name: z.string(), uid: z.string() }))
    .optional(),
})

/** Returns the object in a request's body, which must have the target's kind and namespace. Throws ApiError. */
export function parseObject(target: Target, body: unknown): KubernetesObject {
  if (!isRecord(body) || !isRecord(body.metadata)) {
    throw new ApiError('BadRequest', 'the object provided is no object with metadata')
  }
  const { type, namespace } = target
  const apiVersion = apiVersionOf(type)
  expectSame('API version', body.apiVersion, apiVersion)
  expectSame('kind', body.kind, type.kind)
  expectSame('namespace', body.metadata.namespace, namespace)
  checkData(type, body.data)
  return { ...body, apiVersion, kind: type.kind, metadata: parseMetadata(target, { ...body.metadata, namespace }) }
}

/** The data of a ConfigMap are strings, those of a Secret strings in base64. */
function checkData({ kind, version }: ResourceType, data: unknown): void {
  if ((kind !== 'ConfigMap' && kind !== 'Secret') || data === undefined || data === null) return
  const values = isRecord(data) ? Object.values(data) : [data]
  const wrong = values.find((value) => typeof value !== 'string' || (kind === 'Secret' && !base64.test(value)))
  if (wrong === undefined) return
  const why = typeof wrong === 'string' ? 'illegal base64 data' : 'cannot unmarshal a value that is no string'
  throw new ApiError('BadRequest', `${kind} in version "${version}" cannot be handled as a ${kind}: ${why}`)
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

function parseMetadata({ type }: Target, metadata: Record<string, unknown>): z.infer<typeof metadataSchema> {
  const name = typeof metadata.name === 'string' ? metadata.name : ''
  if (name === '') {
    const detail = 'name or generateName is required'
    throw invalid(type.group, type.kind, name, { field: 'metadata.name', problem: 'Required value', detail })
  }
  const parsed = metadataSchema.safeParse(metadata)
  if (parsed.success) {
    checkAnnotations(type, parsed.data)
    return parsed.data
  }
  const [issue] = parsed.error.issues
  const field = ['metadata', ...(issue?.path ?? [])].join('.')
  throw invalid(type.group, type.kind, name, { field, problem: 'Invalid value', detail: issue?.message ?? '' })
}

/** The limit for all annotations of an object together. */
const maxAnnotationBytes = 256 * 1024

function checkAnnotations(type: ResourceType, { name, annotations = {} }: z.infer<typeof metadataSchema>): void {
  const bytes = Object.entries(annotations).reduce((sum, texts) => sum + Buffer.byteLength(texts.join('')), 0)
  if (bytes <= maxAnnotationBytes) return
  const detail = `may not be more than ${maxAnnotationBytes} bytes`
  throw invalid(type.group, type.kind, name, { field: 'metadata.annotations', problem: 'Too long', detail })
}

function expectSame(what: string, given: unknown, expected: string | undefined): void {
  if (given === undefined || given === expected) return
  const values = `(${JSON.stringify(given)}) does not match the expected ${what} (${expected ?? 'none'})`
  throw new ApiError('BadRequest', `the ${what} in the data ${values}`)
}
