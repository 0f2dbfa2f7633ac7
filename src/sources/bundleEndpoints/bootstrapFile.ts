import { hash } from 'node:crypto'
import { bundleFromJson } from '../../identity/bundleDocument.ts'
import { authoritiesFromPem, type X509Authority } from '../../identity/x509Authority.ts'
import type { FileCalls } from '../../files/fileCalls.ts'
import { printable } from '../../text/printable.ts'

/** The authorities that a configured file contains. */
export interface Bootstrap {
  readonly authorities: readonly X509Authority[]
  /** Identifies the set of authorities, whatever their order and format: SHA-256 in lower-case hex. */
  readonly fingerprint: string
}

const maxBytes = 1_048_576

/** Reads a PEM file or a SPIFFE bundle document with at least one X.509 authority. */
export async function readBootstrap(files: FileCalls, path: string): Promise<Bootstrap | { readonly detail: string }> {
  const file = await files.readText(path, { maxBytes })
  if ('problem' in file) return { detail: `${path}: ${file.detail}` }
  const authorities = authoritiesOf(file.text)
  if ('detail' in authorities) return { detail: printable(`${path}: ${authorities.detail}`) }
  if (authorities.length === 0) return { detail: `${path}: the file has no X.509 authority` }
  const ders = authorities.map(({ der }) => der).sort()
  return { authorities, fingerprint: hash('sha256', ders.join('\n')) }
}

function authoritiesOf(text: string): readonly X509Authority[] | { readonly detail: string } {
  if (text.trimStart().startsWith('{')) {
    const read = bundleFromJson(text)
    return 'bundle' in read ? read.bundle.x509Authorities : read
  }
  const read = authoritiesFromPem(text)
  return 'authorities' in read ? read.authorities : read
}
