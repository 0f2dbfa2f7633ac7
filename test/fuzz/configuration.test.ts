import assert from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'vitest'
import { parseDocument, stringify } from 'yaml'
import { parseRoles } from '../../src/config/roles.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import { credentialsFromText } from '../../src/kubernetes/credentials.ts'
import { KubernetesError } from '../../src/kubernetes/kubernetesError.ts'
import { fuzz } from './support/fuzz.ts'
import { jsonTexts, type Json } from './support/json.ts'
import { mutated } from './support/mutate.ts'
import { assertDetail, assertPrintable } from './support/oracles.ts'
import { configurations } from './support/recorded.ts'
import { textMutation } from './support/text.ts'

function checkConfiguration(text: string): void {
  const read = resolveConfig(text, 'svidwatch.yaml')
  if ('config' in read) return
  assert.ok(read.problems.length > 0 && read.problems.length <= 101, `${read.problems.length} problems`)
  for (const problem of read.problems) {
    assertDetail(problem)
    assert.match(problem, /^svidwatch\.yaml(:\d+)?: |^and \d+ more$/)
  }
}

const bombs = [
  'a: &a [1]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c, *c]\n',
  'a: &a\n  <<: *a\nlog: *a\n',
  '%YAML 1.1\n---\nlog: !!binary aGVsbG8=\n',
]

/** What the files hold, as far as it can be read. JSON is YAML, too. */
const values = configurations.flatMap((text): Json[] => {
  const document = parseDocument(text, { logLevel: 'silent' })
  const value = document.errors.length === 0 ? (document.toJS() as Json) : null
  return value === null ? [] : [value]
})

test('configuration files', () =>
  fuzz(fc.oneof(mutated([...configurations, ...bombs], textMutation), jsonTexts(values)), checkConfiguration))

test('roles', () => {
  return fuzz(mutated(['cluster,node', 'standalone'], textMutation), (text) => {
    const read = parseRoles(text)
    if ('problem' in read) assertPrintable(read.problem)
  })
})

const kubeconfig = {
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'production',
  clusters: [{ name: 'one', cluster: { server: 'https://10.0.0.1:6443', 'certificate-authority-data': 'AAAA' } }],
  contexts: [{ name: 'production', context: { cluster: 'one', user: 'me', namespace: 'default' } }],
  users: [{ name: 'me', user: { token: 'swordfish', 'client-certificate-data': 'AAAA', 'client-key-data': 'AAAA' } }],
}

test('kubeconfig files', () => {
  const texts = fc.oneof(jsonTexts([kubeconfig]), mutated([stringify(kubeconfig)], textMutation))
  return fuzz(texts, (text) => {
    try {
      const { server } = credentialsFromText(text)
      assert.match(server.protocol, /^https?:$/)
    } catch (thrown) {
      assert.ok(thrown instanceof KubernetesError && thrown.code === 'configuration', String(thrown))
      assertDetail(thrown.message)
      // What cannot be parsed is not quoted: it may be the token.
      assert.doesNotMatch(thrown.message, /cannot be read.*swordfish/)
    }
  })
})
