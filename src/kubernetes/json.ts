import { printable } from '../text/printable.ts'

/** Reports whether a value is a JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Returns the value of a JSON text; the text itself if it is not JSON. */
export function parseOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** What the reflector needs of an object's metadata. A text that is missing or malformed is ''. */
export interface ObjectMeta {
  readonly uid: string
  readonly resourceVersion: string
  readonly annotations: Readonly<Record<string, unknown>>
}

export function metaOf(object: unknown): ObjectMeta {
  const { uid, resourceVersion, annotations } = metadataOf(object)
  return {
    uid: textOf(uid),
    resourceVersion: isVersion(resourceVersion) ? resourceVersion : '',
    annotations: isRecord(annotations) ? annotations : {},
  }
}

/** Returns the name of an object in messages: `namespace/name`, or `name` without a namespace. */
export function whereOf(object: unknown): string {
  const { namespace, name } = metadataOf(object)
  return printable([namespace, name].map(textOf).filter(Boolean).join('/'))
}

/** Only numbers can be compared by resourceVersion.ts. No watch or checkpoint could continue from another text. */
const isVersion = (value: unknown): value is string => typeof value === 'string' && /^\d{1,20}$/.test(value)

const metadataOf = (object: unknown): Readonly<Record<string, unknown>> =>
  isRecord(object) && isRecord(object.metadata) ? object.metadata : {}

/** Returns a text; '' for any other value. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
