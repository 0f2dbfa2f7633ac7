import { SvidwatchError } from '../errors.ts'

/**
 * The version of the stored state, which is stored beside its parts. It rises when the parts change such that an earlier svidwatch
 * would misread them; a new part, field or code does not need that (CONTRIBUTING.md).
 */
const currentVersion = '1'

/** The versions that svidwatch reads. State without a version is older than the versions, and is read as the first one. */
const readableVersions: readonly (string | undefined)[] = [undefined, currentVersion]

interface Versioned {
  readonly version?: string
}

/** Returns the stored texts with the version that svidwatch writes. */
export const versioned = <Parts extends Versioned>(parts: Parts): Parts & Versioned => ({
  ...parts,
  version: currentVersion,
})

export const isReadable = ({ version }: Versioned = {}): boolean => readableVersions.includes(version)

/** Throws a `SvidwatchError` with code `newer_state` if the stored texts are of a version that svidwatch does not read. */
export function checkVersion(parts: Versioned = {}): void {
  if (isReadable(parts)) return
  const found = JSON.stringify(String(parts.version).slice(0, 20))
  throw new SvidwatchError(
    'newer_state',
    `it is the state of a newer svidwatch, with the version ${found}, and this one reads version "${currentVersion}": run the newer one, or remove what is stored there, and the totals start from zero`,
  )
}
