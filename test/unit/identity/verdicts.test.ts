import { hash, X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { bundleFromJson } from '../../../src/identity/bundleDocument.ts'
import { certificateBlocks } from '../../../src/identity/pem.ts'
import { issuedSvidFromPem, svidFromPem } from '../../../src/identity/x509Svid.ts'
import { fixtureText } from '../../support/fixtures.ts'

/**
 * Compares the readers of this project with those of workloads, whose verdicts were recorded by tools/verdicts. A case is a chain or
 * a bundle with some of its characters replaced: how many are kept at the beginning, what comes then, how many are kept at the end.
 */
interface Case {
  readonly name: string
  readonly text: readonly [number, string, number]
}

/** Why a library refuses a text, or the names of the certificates that it reads. */
interface ChainVerdict {
  readonly refused?: string
  readonly certificates?: readonly string[]
}

interface DocumentVerdict extends ChainVerdict {
  readonly sequence?: string
  readonly refreshHint?: string
  readonly keyIds?: readonly string[]
}

interface Recorded {
  /** The SHA-256 of each certificate that has a name. */
  readonly certificates: Readonly<Record<string, string>>
}

const chains = JSON.parse(fixtureText('verdicts/chains.json')) as Recorded & {
  readonly chain: string
  readonly cases: readonly (Case & { readonly goSpiffe: ChainVerdict; readonly openssl: ChainVerdict })[]
}
const documents = JSON.parse(fixtureText('verdicts/documents.json')) as Recorded & {
  readonly bundle: string
  readonly cases: readonly (Case & { readonly goSpiffe: DocumentVerdict })[]
}

function textOf(original: string, [head, between, tail]: Case['text']): string {
  return original.slice(0, head) + between + original.slice(original.length - tail)
}

const names = new Map(Object.entries(chains.certificates).map(([name, fingerprint]) => [fingerprint, name]))
const nameOf = (der: Uint8Array) => names.get(hash('sha256', der)) ?? hash('sha256', der)

/** The names of the certificates that both libraries read; undefined if one refuses the text, or they read different ones. */
function readByBoth({ goSpiffe, openssl }: (typeof chains.cases)[number]): readonly string[] | undefined {
  const [first, second] = [goSpiffe, openssl].map(({ certificates }) => certificates)
  return JSON.stringify(first) === JSON.stringify(second) ? first : undefined
}

function readHere(text: string, read = svidFromPem): readonly string[] | undefined {
  const blocks = certificateBlocks(text, 20)
  if ('problem' in read(text) || 'problem' in blocks) return undefined
  return blocks.map((block) => nameOf(new X509Certificate(block).raw))
}

/** OpenSSL reads lines in pieces of 254 characters, so that a piece of a longer one can be a BEGIN line for it. */
const linesInPieces = ['before', 'between', 'after'].map(
  (place) => `a long line that has BEGIN where OpenSSL breaks it ${place}`,
)

test('a chain is an SVID if go-spiffe and OpenSSL read the same one, and is refused if not', () => {
  const others = chains.cases.filter((one) => {
    const text = textOf(chains.chain, one.text)
    return JSON.stringify(readHere(text)) !== JSON.stringify(readByBoth(one))
  })
  expect(others.map(({ name }) => name)).toEqual(linesInPieces)
  expect(chains.cases.filter(readByBoth).length).toBeGreaterThan(200)
})

test('the same holds for chains in Latin-1, and for those that an issuer has signed', () => {
  const others = chains.cases.filter((one) => {
    const text = Buffer.from(textOf(chains.chain, one.text)).toString('latin1')
    return JSON.stringify(readHere(text, issuedSvidFromPem)) !== JSON.stringify(readByBoth(one))
  })
  expect(others.map(({ name }) => name)).toEqual(linesInPieces)
})

/** Bundles that go-spiffe accepts, and that are refused or read in another way here, by the rule that says so. */
const stricter = {
  'svidwatch: at most 32 levels': ['nested 40 deep'],
  'RFC 8259 section 4: names are compared as they are': [
    ...['keys in capitals', 'spiffe_sequence in capitals', 'spiffe_refresh_hint in capitals'],
  ],
  'RFC 7517 section 4: names are unique': [
    ...['keys twice', 'keys twice, first null', 'spiffe_sequence twice', 'spiffe_sequence twice, first null'],
    ...['spiffe_refresh_hint twice', 'spiffe_refresh_hint twice, first null'],
  ],
  'X509-SVID section 4.1: an authority is a CA': ['a certificate of no CA'],
  'Trust Domain and Bundle section 4.1.2: a hint says how often to look': [
    ...['spiffe_refresh_hint is -1', 'spiffe_refresh_hint is 9223372036854775807'],
  ],
  'JWT-SVID section 2: signatures are asymmetric': ['a symmetric key'],
  'RFC 8259 section 8.2: half a surrogate pair has no one meaning': ['half a surrogate pair in a kid'],
}

function contentsOf(text: string): DocumentVerdict | undefined {
  const read = bundleFromJson(text)
  if ('problem' in read) return undefined
  const { sequence, refreshHintMs, x509Authorities, jwtAuthorities } = read.bundle
  return {
    ...(sequence !== undefined && { sequence: String(sequence) }),
    ...(refreshHintMs !== undefined && { refreshHint: String(refreshHintMs / 1000) }),
    ...listed(
      'certificates',
      x509Authorities.map(({ der }) => nameOf(Buffer.from(der, 'base64'))),
    ),
    ...listed('keyIds', jwtAuthorities.map(({ keyId }) => keyId).sort()),
  }
}

/** A list that is empty is not recorded. */
const listed = (name: string, values: readonly string[]) => (values.length === 0 ? {} : { [name]: values })

test('a bundle that go-spiffe accepts has the same contents here', () => {
  const accepted = documents.cases.filter(({ goSpiffe }) => goSpiffe.refused === undefined)
  const others = accepted.filter(({ text, goSpiffe }) => {
    const contents = contentsOf(textOf(documents.bundle, text))
    return JSON.stringify(contents) !== JSON.stringify(goSpiffe)
  })
  expect(others.map(({ name }) => name).sort()).toEqual(Object.values(stricter).flat().sort())
  expect(accepted.length).toBeGreaterThan(200)
})

test.each(['spiffe_sequence is null', 'spiffe_refresh_hint is null', 'keys[0].use is null', 'a certificate in lines'])(
  'go-spiffe accepts a bundle in which %s',
  (name) => {
    const { goSpiffe, text } = documents.cases.find((one) => one.name === name) ?? expect.fail()
    expect(contentsOf(textOf(documents.bundle, text))).toEqual(goSpiffe)
  },
)
