import { readdirSync } from 'node:fs'
import { fixtureText, recordedPems } from '../../support/fixtures.ts'
import { dersOf } from './certificates.ts'
import type { Json } from './json.ts'

/** The names of the recorded files of a folder of test/fixtures, as `fixtureText` takes them. */
function filesOf(folder: string, pattern: RegExp): readonly string[] {
  const names = readdirSync(new URL(`../../fixtures/${folder}`, import.meta.url))
  return names.filter((name) => pattern.test(name)).map((name) => `${folder}/${name}`)
}

export const recordedJson = (path: string): Json => JSON.parse(fixtureText(path)) as Json

const requestFiles = filesOf('csi', /^cr-(?!.*list).*\.json$/)

/** CertificateRequests in every state. */
export const requests = requestFiles.map(recordedJson)

const pems = requestFiles.map(recordedPems)
const present = (text: string) => text !== ''

export const certificatePems = pems.map(({ certificate }) => certificate).filter(present)
export const bundlePems = pems.map(({ ca }) => ca).filter(present)
export const csrPems = pems.map(({ csr }) => csr).filter(present)

/** The DER of leaves and authorities, each by itself. */
export const certificateDers = [...certificatePems, ...bundlePems].flatMap(dersOf)
export const csrDers = csrPems.flatMap(dersOf)

/** SPIFFE bundle documents, as SPIRE serves them. */
export const bundleDocuments = filesOf('spire', /^bundle-endpoint-.*\.json$/).map(recordedJson)

export const configurations = ['valid', 'invalid'].flatMap((folder) =>
  filesOf(`config/${folder}`, /\.yaml$/).map(fixtureText),
)

/** A Bundle of trust-manager, and the ConfigMap that it made of it. */
export const trustConfigMaps = [recordedJson('trust/configmap.json')]
export const trustManagerBundles = [recordedJson('trust/bundle-synced.json')]

const itemsOf = (path: string): readonly Json[] => (JSON.parse(fixtureText(path)) as { items: Json[] }).items

export const pods = itemsOf('csi/pods-team-a.json')
export const csiNodes = itemsOf('csi/csinode-csidriver.json')
