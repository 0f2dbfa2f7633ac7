import { execFileSync } from 'node:child_process'
import { X509Certificate, hash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import type { Case } from './chainBlocks.ts'
import { chainCases } from './chains.ts'
import { bundleOf, documentCases } from './documents.ts'
import { chainByOpenssl } from './openssl.ts'
import { verifiedByOpenssl, versionOfOpenssl, type OpensslVerdict } from './opensslVerify.ts'
import { authorityPem, createParty, svidPem } from './pki.ts'
import { svidCases } from './svidCases.ts'
import { leafKey, noon, type SvidCase } from './svidParts.ts'

/**
 * Writes what go-spiffe and OpenSSL make of many chains and trust bundles to test/fixtures/verdicts, so that the tests need
 * neither. Needs openssl, Go, and a Go module proxy. The texts are the same each time; the verdicts change only with the versions of
 * go-spiffe, Go and OpenSSL.
 */

/** What a library makes of a text: why it refuses the text, or what it reads. Certificates are their SHA-256 in lower-case hex. */
type Verdict<Read> = { readonly refused: string } | Read

interface ReadChain {
  readonly certificates: readonly string[]
}

interface ReadDocument {
  readonly sequence?: string
  readonly refreshHint?: string
  readonly certificates?: readonly string[]
  readonly keyIds?: readonly string[]
}

interface Answers {
  readonly go: string
  readonly goSpiffe: string
  readonly chains: readonly Verdict<ReadChain>[]
  readonly documents: readonly Verdict<ReadDocument>[]
  readonly svids: readonly GoSpiffeVerdict[]
}

/** Why a workload does not load a chain, and why a peer refuses it; both undefined if it is accepted. */
interface GoSpiffeVerdict {
  readonly load?: string
  readonly verify?: string
}

const here = import.meta.dirname
const folder = `${here}/../../test/fixtures/verdicts`

/** Returns the verdicts of go-spiffe. `key` is that of the leaf of all `chains`. */
function askGo(key: string, chains: readonly Case[], documents: readonly Case[], svids: readonly SvidCase[]): Answers {
  const texts = (cases: readonly Case[]) => cases.map(({ text }) => Buffer.from(text).toString('base64'))
  const base64 = (ders: readonly Buffer[]) => ders.map((der) => der.toString('base64'))
  const input = JSON.stringify({
    key,
    chains: texts(chains),
    documents: texts(documents),
    svids: svids.map(({ chain, bundle, at = noon }) => ({ chain: base64(chain), bundle: base64(bundle), at })),
    svidKey: leafKey.privateKey.export({ format: 'pem', type: 'pkcs8' }),
  })
  const output = execFileSync('go', ['run', '.'], { cwd: `${here}/go`, input, maxBuffer: 2 ** 28 })
  return JSON.parse(output.toString()) as Answers
}

async function askOpenssl(key: string, chains: readonly Case[]): Promise<readonly Verdict<ReadChain>[]> {
  const verdicts: Verdict<ReadChain>[] = []
  for (const { text } of chains) {
    const read = await chainByOpenssl(text, key)
    verdicts.push('refused' in read ? read : { certificates: read.map(fingerprint) })
  }
  return verdicts
}

const fingerprint = (der: Uint8Array) => hash('sha256', der)
const fingerprintOf = (pem: string) => fingerprint(new X509Certificate(pem).raw)

/** Returns how a text differs from another one: the characters at both ends that are the same, and what is between them. */
function difference(from: string, to: string): readonly [number, string, number] {
  const most = Math.min(from.length, to.length)
  let head = 0
  while (head < most && from[head] === to[head]) head += 1
  let tail = 0
  while (tail < most - head && from.at(-1 - tail) === to.at(-1 - tail)) tail += 1
  return [head, to.slice(head, to.length - tail), tail]
}

/** Leaves out texts that an earlier case has. */
function distinct(cases: readonly Case[]): readonly Case[] {
  const texts = new Set<string>()
  return cases.filter(({ text }) => !texts.has(text) && texts.add(text))
}

/** Writes a JSON file with one line for each case. In verdicts, the certificates of this file have names. */
function write(name: string, about: object, cases: readonly object[]): void {
  mkdirSync(folder, { recursive: true })
  const head = JSON.stringify({ ...about, certificates }).slice(0, -1)
  const names = new Map<unknown, string>(Object.entries(certificates).map(([of, hex]) => [hex, of]))
  const lines = cases.map((one) => JSON.stringify(one, (_, value: unknown) => names.get(value) ?? value))
  writeFileSync(`${folder}/${name}`, `${head},\n"cases":[\n${lines.join(',\n')}\n]}\n`)
}

const [root, intermediate, web] = await Promise.all([createParty('root'), createParty('ca'), createParty('web')])
const leafPem = await svidPem(web, intermediate)
const caPem = await authorityPem(intermediate, root)
const rootPem = await authorityPem(root, root)
const certificates = { leaf: fingerprintOf(leafPem), ca: fingerprintOf(caPem), root: fingerprintOf(rootPem) }
const key = web.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()

const chains = distinct(chainCases(leafPem, caPem))
const documents = distinct(documentCases(caPem, rootPem, leafPem))
const svids = svidCases.flatMap(({ group, cases }) => cases.map((one) => ({ ...one, group })))
const { go, goSpiffe, ...answers } = askGo(key, chains, documents, svids)
const openssl = await askOpenssl(key, chains)

const chain = leafPem + caPem
write(
  'chains.json',
  { go, goSpiffe, openssl: process.versions.openssl, chain },
  chains.map(({ name, text }, index) => ({
    name,
    text: difference(chain, text),
    goSpiffe: answers.chains[index],
    openssl: openssl[index],
  })),
)
const bundle = bundleOf(caPem)
write(
  'documents.json',
  { go, goSpiffe, bundle },
  documents.map(({ name, text }, index) => ({
    name,
    text: difference(bundle, text),
    goSpiffe: answers.documents[index],
  })),
)

/** Certificates are in base64. */
const svidLines = svids.map(({ group, name, at = noon, chain: ders, bundle: authorities, says, differ }, index) => ({
  group,
  name,
  at,
  chain: ders.map((der) => der.toString('base64')),
  bundle: authorities.map((der) => der.toString('base64')),
  goSpiffe: answers.svids[index],
  openssl: verifiedByOpenssl(ders, authorities, at) satisfies OpensslVerdict,
  says,
  ...(differ && { differ }),
}))
writeFileSync(
  `${folder}/svids.json`,
  `${JSON.stringify({ go, goSpiffe, openssl: versionOfOpenssl() }).slice(0, -1)},\n"cases":[\n${svidLines.map((one) => JSON.stringify(one)).join(',\n')}\n]}\n`,
)
