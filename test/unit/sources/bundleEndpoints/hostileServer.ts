import type { OutgoingHttpHeaders } from 'node:http'
import type { BundleProfile } from '../../../../src/ledger/bundles/observations.ts'
import type { BundleProblem } from '../../../../src/ledger/bundles/reasons.ts'
import { bundleOf, type BundlePki } from '../../../support/bundlePki.ts'
import { httpsServer, type BundleServer } from '../../../support/bundleServers.ts'
import type { Issued } from '../../../support/testCa.ts'

/** One kind of server, and what comes of asking it. */
export interface HostileServer {
  readonly profile: BundleProfile
  /** Completes "a server with ...", "a server that ...", "a server whose ...". */
  readonly what: string
  readonly outcome: 'bundle' | BundleProblem
  /** Where it is written that it must be so. */
  readonly rule: string
  readonly start: (pki: BundlePki) => Promise<BundleServer & { readonly redirectHosts?: readonly string[] }>
}

export const federation = (section: string) => `Federation ${section}`
export const format = (section: string) => `Trust Domain and Bundle ${section}`
export const x509 = (section: string) => `X509-SVID ${section}`
/** A bound that svidwatch sets itself. */
export const bound = 'svidwatch'

type Leaf = (pki: BundlePki) => Promise<Issued>
type Body = (pki: BundlePki) => string | Buffer

const webLeaf: Leaf = (pki) => pki.webLeaf()
export const goodDocument: Body = ({ web }) => bundleOf([web], { spiffe_sequence: 1 })

/** Answers every request alike, with a certificate that is as it should be unless another is given. */
export function answers(status: number, headers: OutgoingHttpHeaders, body: Body, leaf = webLeaf) {
  return async (pki: BundlePki) =>
    httpsServer(await leaf(pki), (_, response) => response.writeHead(status, headers).end(body(pki)))
}

export const serves = (body: Body) => answers(200, {}, body)
export const withLeaf = (leaf: Leaf) => answers(200, {}, goodDocument, leaf)
