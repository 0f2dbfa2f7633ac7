import { SvidwatchError } from '../errors.ts'
import { labelValuePattern, objectNamePattern } from '../text/kubernetesNames.ts'

/** A Kubernetes object does not have the shape that its API specifies. The message names the field. */
export class MalformedObjectError extends SvidwatchError<'malformed_object'> {}

/**
 * The largest fields that are read are the certificates of a CertificateRequest: 274,000 characters for three of them with
 * signatures of SLH-DSA. etcd limits a whole object to 1.5 MiB.
 */
const maxTextLength = 524_288

/** More than a whole object can have. */
const maxObjectLength = 4 * 1024 * 1024

/** Kubernetes' own limit for names. The API server does not enforce it for references in custom resources. */
const maxNameLength = 253

/** The characters of names, uids and labels. Others could change how a log, a page or an alert reads. */
const printableAscii = /^[ -~]*$/

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

/**
 * Reads the fields of an object that was parsed from JSON. A field that is absent or null is undefined or empty. A field that
 * has the wrong type or is too long throws a `MalformedObjectError`.
 */
export class KubernetesObject {
  readonly #fields: Readonly<Record<string, unknown>>
  readonly #path: string

  constructor(value: unknown, path = '') {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw malformed(path || 'the value', 'an object')
    this.#fields = value as Readonly<Record<string, unknown>>
    this.#path = path
  }

  text(name: string, maxLength = maxTextLength): string | undefined {
    const value = this.#value(name)
    if (value === undefined) return undefined
    if (typeof value !== 'string') throw malformed(this.#pathOf(name), 'a string')
    if (value.length > maxLength) throw malformed(this.#pathOf(name), `at most ${maxLength} characters long`)
    return value
  }

  /** Returns a name, uid, kind or label. It is short and plain enough to become a label of a metric. */
  name(name: string): string | undefined {
    const value = this.text(name, maxNameLength)
    if (value === undefined || printableAscii.test(value)) return value
    throw malformed(this.#pathOf(name), 'of printable ASCII characters')
  }

  requiredName(name: string): string {
    const value = this.name(name)
    if (value === undefined || value === '') throw malformed(this.#pathOf(name), 'present')
    return value
  }

  /** Returns the name of a Kubernetes object; undefined if it is absent. */
  objectName(name: string): string | undefined {
    const value = this.name(name)
    if (value === undefined || objectNamePattern.test(value)) return value
    throw malformed(this.#pathOf(name), 'the name of a Kubernetes object')
  }

  requiredObjectName(name: string): string {
    this.requiredName(name)
    return this.objectName(name) ?? ''
  }

  /** Returns the value of one of Kubernetes' labels; undefined if it is absent. */
  labelValue(name: string): string | undefined {
    const value = this.name(name)
    if (value === undefined || value === '' || labelValuePattern.test(value)) return value
    throw malformed(this.#pathOf(name), 'the value of a Kubernetes label')
  }

  /** Returns an RFC 3339 time as milliseconds since the Unix epoch. */
  time(name: string): number | undefined {
    const value = this.text(name)
    if (value === undefined) return undefined
    const ms = Date.parse(value)
    if (Number.isNaN(ms) || !rfc3339.test(value)) throw malformed(this.#pathOf(name), 'an RFC 3339 time')
    return ms
  }

  /** Returns a boolean; `ifAbsent` if the field is absent. */
  flag(name: string, ifAbsent = false): boolean {
    const value = this.#value(name)
    if (value !== undefined && typeof value !== 'boolean') throw malformed(this.#pathOf(name), 'true or false')
    return value ?? ifAbsent
  }

  integer(name: string): number | undefined {
    const value = this.#value(name)
    if (value === undefined) return undefined
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw malformed(this.#pathOf(name), 'a whole number')
    return value
  }

  object(name: string): KubernetesObject {
    return new KubernetesObject(this.#value(name) ?? {}, this.#pathOf(name))
  }

  objects(name: string): readonly KubernetesObject[] {
    const value = this.#value(name) ?? []
    if (!Array.isArray(value)) throw malformed(this.#pathOf(name), 'a list')
    return value.map((item, index) => new KubernetesObject(item, `${this.#pathOf(name)}[${index}]`))
  }

  /** Returns the texts of a map from names to texts, such as the data of a ConfigMap, with their names. */
  texts(name: string): readonly (readonly [name: string, text: string])[] {
    const map = this.object(name)
    return Object.keys(map.#fields).map((key) => [key, map.text(key, maxObjectLength) ?? ''])
  }

  /** Returns a list of short texts, such as names or addresses. */
  names(name: string): readonly string[] {
    const value = this.#value(name) ?? []
    if (!Array.isArray(value)) throw malformed(this.#pathOf(name), 'a list')
    return value.map((item: unknown, index) => {
      if (typeof item === 'string' && item.length <= maxNameLength) return item
      throw malformed(`${this.#pathOf(name)}[${index}]`, `a string of at most ${maxNameLength} characters`)
    })
  }

  #value(name: string): unknown {
    return Object.hasOwn(this.#fields, name) ? (this.#fields[name] ?? undefined) : undefined
  }

  #pathOf(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`
  }
}

const malformed = (path: string, expected: string) =>
  new MalformedObjectError('malformed_object', `${path} must be ${expected}`)
