import type { KubernetesClient } from '../../kubernetes/client.ts'
import { isRecord } from '../../kubernetes/json.ts'
import { KubernetesError } from '../../kubernetes/kubernetesError.ts'
import { KeysError } from './keysError.ts'

export type RequestingClient = Pick<KubernetesClient, 'request'>

/** Identifies a Secret or a ConfigMap. */
export interface ObjectName {
  readonly namespace: string
  readonly name: string
}

/** Where an object is, and how messages and paths name it. */
export interface KeyObject extends ObjectName {
  readonly kind: 'Secret' | 'ConfigMap'
}

/** An object as the API server has sent it. What others have put into it is kept when it is written back. */
type Stored = Readonly<Record<string, unknown>>

const timeoutMs = 5_000
/** The API server limits the data of a Secret or a ConfigMap to 1 MiB; its JSON can be longer. */
const maxBytes = 4 * 1024 * 1024
/** Another svidwatch may write the object at the same time, and so may those who apply it. */
const maxAttempts = 4

/** One key of an object as it was read. */
interface Content {
  /** Undefined if the object does not have the key. */
  readonly text: string | undefined
  /** Replaces the text. Returns false if the object was written since it was read. Throws a `KeysError`. */
  readonly replace: (text: string) => Promise<boolean>
}

/**
 * Reads one key of an object until `take` returns a result. `take` returns undefined after a write that came too late, and is
 * called again with what is there now. Throws a `KeysError`.
 */
export async function withContent<Result>(
  { client, object, key, signal }: { client: RequestingClient; object: KeyObject; key: string; signal: AbortSignal },
  take: (content: Content) => Promise<Result | undefined>,
): Promise<Result> {
  const request = { signal, timeoutMs, maxBytes }
  const path = pathOf(object)
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const stored = await client.request('GET', path, request).catch((error: unknown) => {
      throw faultOf(error, object, 'read')
    })
    if (!isRecord(stored)) throw new KeysError('protocol', `${placeOf(object)}: the answer is no object`)
    const result = await take({
      text: textIn(stored, object, key),
      replace: async (text) => {
        const body = withText(stored, object, key, text)
        try {
          await client.request('PUT', path, { ...request, body })
          return true
        } catch (error) {
          if (error instanceof KubernetesError && error.code === 'conflict') return false
          throw faultOf(error, object, 'written')
        }
      },
    })
    if (result !== undefined) return result
  }
  throw new KeysError('protocol', `${placeOf(object)} is written by others all the time`)
}

/** Returns how messages name an object. */
export const placeOf = ({ kind, namespace, name }: KeyObject): string => `${kind} ${namespace}/${name}`

const pathOf = ({ kind, namespace, name }: KeyObject): string =>
  `/api/v1/namespaces/${namespace}/${kind === 'Secret' ? 'secrets' : 'configmaps'}/${name}`

const dataOf = ({ data }: Stored): Stored => (isRecord(data) ? data : {})

/** The data of a Secret is in base64. */
const encodings = { Secret: 'base64', ConfigMap: 'utf8' } as const

function textIn(stored: Stored, { kind }: KeyObject, key: string): string | undefined {
  const text = dataOf(stored)[key]
  return typeof text === 'string' ? Buffer.from(text, encodings[kind]).toString() : undefined
}

const withText = (stored: Stored, { kind }: KeyObject, key: string, text: string): Stored => ({
  ...stored,
  apiVersion: 'v1',
  kind,
  data: { ...dataOf(stored), [key]: Buffer.from(text).toString(encodings[kind]) },
})

/** Returns the error for a request that failed: which object it is about, and what to do. */
function faultOf(error: unknown, object: KeyObject, verb: 'read' | 'written'): unknown {
  if (!(error instanceof KubernetesError)) return error
  const reason = error.code === 'conflict' ? 'protocol' : error.code
  const options = { cause: error }
  if (error.missing === 'object')
    return new KeysError(
      reason,
      `${placeOf(object)} does not exist: create it without data, svidwatch fills it`,
      options,
    )
  const remedy = error.code === 'forbidden' ? '; allow svidwatch to get and update this object' : ''
  return new KeysError(reason, `${placeOf(object)} cannot be ${verb}: ${error.message}${remedy}`, options)
}
