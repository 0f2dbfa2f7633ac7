/** Text from outside, fit for logs, labels and messages: on one line, without control characters, at most 300 characters. */
export function printable(text: string): string {
  const line = text
    .slice(0, 1000)
    .replaceAll(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
  return line.length > 300 ? `${line.slice(0, 299)}…` : line
}

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

/** What the reflector needs of an object's metadata; '' where it is missing or no text. */
export interface ObjectMeta {
  readonly uid: string
  readonly resourceVersion: string
  /** `namespace/name`, or `name` where there is no namespace; names the object in messages. */
  readonly where: string
  readonly annotations: Readonly<Record<string, unknown>>
}

export function metaOf(object: unknown): ObjectMeta {
  const metadata = isRecord(object) && isRecord(object.metadata) ? object.metadata : {}
  const text = (value: unknown) => (typeof value === 'string' ? value : '')
  const { annotations } = metadata
  return {
    uid: text(metadata.uid),
    resourceVersion: text(metadata.resourceVersion),
    where: printable([metadata.namespace, metadata.name].map(text).filter(Boolean).join('/')),
    annotations: isRecord(annotations) ? annotations : {},
  }
}
