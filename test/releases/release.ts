import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KubernetesObject } from '../../src/world/apiServer/object.ts'

const releases = join(import.meta.dirname, '../fixtures/releases')

export const folderOf = (version: string): string => join(releases, version)

/** The circumstances of a recording: about.json. */
export interface About {
  readonly version: string
  /** When the release was stopped, ms since the Unix epoch. */
  readonly endedMs: number
  /** The name of the node whose findings were recorded. */
  readonly node: string
  /** The Authorization header with which the cluster role asked for them. */
  readonly authorization: string
  /** The PEM file with the public keys that the node role accepts. */
  readonly publicKeys: string
  /** The Content-Type of the findings. */
  readonly contentType: string
}

/** What a release has stored and sent, as record.ts has recorded it. */
export interface Release extends About {
  /** The stored state, by the names of its parts: state.json. */
  readonly state: Readonly<Record<string, string>>
  /** The CertificateRequests when it ended: requests.json. */
  readonly requests: {
    readonly metadata: { readonly resourceVersion: string }
    readonly items: readonly KubernetesObject[]
  }
  /** The totals that it exported last: totals.txt. */
  readonly totals: readonly string[]
  /** The findings of a node role from the beginning of a stream, each line without its newline: findings.ndjson. */
  readonly findings: readonly string[]
}

/** Every release that was recorded. */
export const recordedReleases: readonly Release[] = readdirSync(releases).map(read)

function read(version: string): Release {
  const text = (name: string) => readFileSync(join(folderOf(version), name), 'utf8')
  const lines = (name: string) => text(name).trimEnd().split('\n')
  return {
    ...(JSON.parse(text('about.json')) as About),
    state: JSON.parse(text('state.json')) as Release['state'],
    requests: JSON.parse(text('requests.json')) as Release['requests'],
    totals: lines('totals.txt'),
    findings: lines('findings.ndjson'),
  }
}
