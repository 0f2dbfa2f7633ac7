import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pemOf } from './certificateBuilder.ts'

/** Why OpenSSL refuses a chain from a server and from a client; undefined if it accepts the chain. */
export interface OpensslVerdict {
  readonly server?: string
  readonly client?: string
}

export const versionOfOpenssl = (): string => execFileSync('openssl', ['version']).toString().split(' ')[1] ?? ''

/** Verifies a chain, leaf first, as a TLS program with OpenSSL does, at a time. */
export function verifiedByOpenssl(chain: readonly Buffer[], bundle: readonly Buffer[], at: string): OpensslVerdict {
  const folder = mkdtempSync(join(tmpdir(), 'svidwatch-verdicts-'))
  try {
    const files = { leaf: chain.slice(0, 1), behind: chain.slice(1), bundle }
    for (const [name, ders] of Object.entries(files)) writeFileSync(join(folder, name), pemOf(ders))
    const seconds = Math.floor(Date.parse(at) / 1000)
    const refusal = (purpose: string): string | undefined => {
      // TLS programs refuse weak digests, which is level 1.
      const options = ['-no-CApath', '-no-CAstore', '-auth_level', '1', '-attime', `${seconds}`, '-purpose', purpose]
      const untrusted = chain.length > 1 ? ['-untrusted', 'behind'] : []
      const args = ['verify', ...options, ...untrusted, '-CAfile', 'bundle', 'leaf']
      const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' })
      return status === 0 ? undefined : reasonIn(stderr)
    }
    const [server, client] = [refusal('sslserver'), refusal('sslclient')]
    return { ...(server !== undefined && { server }), ...(client !== undefined && { client }) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Returns the first error, such as "certificate has expired". */
const reasonIn = (output: string): string =>
  /error \d+ at \d+ depth lookup: (.*)/.exec(output)?.[1] ?? output.trim().split('\n').at(-1) ?? ''
