import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import type { Document, ErrorCode } from 'yaml'
import { messageOf } from '../errors.ts'

/** The steps from a file's root to one of its values. */
export type Path = readonly PropertyKey[]

export interface YamlFile {
  /** The value of the document; undefined if the file is empty. */
  readonly value: unknown
  /** Returns where the value at a path begins, as `file:line`. If the path has no value, its nearest ancestor is used. */
  whereIs(path: Path): string
}

/** Replacements for messages of the parser that are meant for programmers. */
const messages: Readonly<Partial<Record<ErrorCode, string>>> = {
  MULTIPLE_DOCS: 'a second document begins here; only one is allowed',
}

/** One broken line can make the parser report every line after it. */
const maxProblems = 20

/** The largest size of a configuration file. */
export const maxSettingsBytes = 1_048_576

/** Parses YAML 1.2 strictly: one document, no repeated key, no unknown tag. Each problem begins with `file:line`. */
export function readYaml(text: string, fileName: string): YamlFile | { readonly problems: readonly string[] } {
  if (Buffer.byteLength(text) > maxSettingsBytes) return { problems: [`${fileName}: must not be larger than 1 MiB`] }
  const lines = new LineCounter()
  const where = (offset: number) => `${fileName}:${lines.linePos(offset).line}`
  try {
    const options = { lineCounter: lines, prettyErrors: false, logLevel: 'error', uniqueKeys: false } as const
    const document = parseDocument(text, options)
    const problems = [
      ...[...document.errors, ...document.warnings].map(
        ({ code, pos, message }) => `${where(pos[0])}: ${messages[code] ?? message}`,
      ),
      ...repeatedKeys(document.contents).map((offset) => `${where(offset)}: this key is a duplicate of an earlier one`),
    ]
    if (problems.length > 0) return { problems: problems.slice(0, maxProblems) }
    return {
      value: (document.toJS() as unknown) ?? undefined,
      whereIs: (path) => where(offsetOf(document, path)),
    }
  } catch (error) {
    return { problems: [`${fileName}: cannot be read as YAML: ${messageOf(error)}`] }
  }
}

/**
 * Returns the offsets of all keys that repeat an earlier key of the same mapping. The parser's own check takes quadratic time,
 * 20 s for a mapping of 0.3 MB, and its visitor takes as long for deeply nested nodes.
 */
function repeatedKeys(node: unknown): readonly number[] {
  if (isSeq(node)) return node.items.flatMap(repeatedKeys)
  if (!isMap(node)) return []
  const known = new Set<unknown>()
  return node.items.flatMap(({ key, value }) => {
    const inner = repeatedKeys(value)
    if (!isScalar(key)) return inner
    const isRepeated = known.has(key.value)
    known.add(key.value)
    return isRepeated ? [key.range?.[0] ?? 0, ...inner] : inner
  })
}

function offsetOf(document: Document.Parsed, path: Path): number {
  let node: unknown = document.contents
  let offset = 0
  for (const step of path) {
    const next = childOf(node, step)
    if (next === undefined) break
    node = next.value
    offset = next.offset
  }
  return offset
}

function childOf(node: unknown, step: PropertyKey): { readonly value: unknown; readonly offset: number } | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(step)]
    return isMap(item) || isScalar(item) || isSeq(item) ? { value: item, offset: item.range?.[0] ?? 0 } : undefined
  }
  if (!isMap(node)) return undefined
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step)
  return isScalar(pair?.key) ? { value: pair.value, offset: pair.key.range?.[0] ?? 0 } : undefined
}
