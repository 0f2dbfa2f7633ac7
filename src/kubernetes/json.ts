import { printable } from '../text/printable.ts'

/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What a JSON text says, or the text itself where it is none. */
export function parseOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** What the reflector needs of an object's metadata; '' where it is missing or not what it should be. */
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

/** `namespace/name`, or `name` where there is no namespace: how messages name an object. */
export function whereOf(object: unknown): string {
  const { namespace, name } = metadataOf(object)
  return printable([namespace, name].map(textOf).filter(Boolean).join('/'))
}

/** A number as resourceVersion.ts knows them: from another text no watch and no checkpoint could go on. */
const isVersion = (value: unknown): value is string => typeof value === 'string' && /^\d{1,20}$/.test(value)

const metadataOf = (object: unknown): Readonly<Record<string, unknown>> =>
  isRecord(object) && isRecord(object.metadata) ? object.metadata : {}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
