import { describe, expect, it, test } from 'vitest'
import { ruleGroups, ruleGroupsFor } from '../../../alerts/all.ts'
import { exportedLabels } from '../../../alerts/labelNames.ts'
import { labelValues } from '../../../src/metrics/catalogue/labelValues.ts'

/** Labels of targets, which whoever runs Prometheus chooses, and paths, which the settings name. */
const chosenByOperators = ['cluster', 'instance', 'file']

/** A value of each label that an annotation may have from svidwatch. */
const examples: Readonly<Record<string, readonly string[]>> = {
  spiffe_id: ['spiffe://example.org/ns/team-a/sa/Web_1.2'],
  trust_domain: ['example.org', 'prod_1.example-a.org'],
  namespace: ['team-a'],
  pod: ['web-5965485f56-mf5tx', 'web.a'],
  volume: ['spiffe', '756cfb489b'],
  node: ['ip-10-0-0-1.eu-central-1.compute.internal'],
  issuer: [
    'ClusterIssuer/spiffe-ca',
    'Issuer/team-a/ca.example',
    'AWSPCAIssuer.awspca.cert-manager.io/ca',
    'invalid_name',
  ],
  agent: ['csi-driver-spiffe'],
  authority: ['3f9a1c2b7d8e4f5061728394a5b6c7d8e9f00112'],
  bundle: ['spiffe-ca', 'Bundle/ca.example', 'ClusterBundle/spiffe-ca', 'ClusterTrustBundle/example.org:ca:main'],
  state: ['different'],
  source: ['certificateRequests'],
  reason: ['issuer_not_found'],
  code: ['mount_stale'],
  copy: ['mounted', 'served'],
  family: ['spiffe_problem_since_timestamp_seconds'],
  kind: ['request_issuer'],
}

/** Everything that is neither a letter nor a digit of ASCII, nor one of the marks that names have. None of these is markup. */
const forbidden = Array.from({ length: 0x3000 }, (_, code) => String.fromCodePoint(code)).filter(
  (character) => !/[A-Za-z0-9._/:-]/.test(character),
)

/** The text with the character at its beginning, at its end, and between any two of its characters. */
const withCharacter = (text: string, character: string): readonly string[] =>
  Array.from({ length: text.length + 1 }, (_, at) => text.slice(0, at) + character + text.slice(at))

const alerts = [ruleGroups, ruleGroupsFor(exportedLabels)]
  .flatMap((groups) => groups.flatMap(({ rules }) => rules))
  .filter((rule) => 'alert' in rule)

test.each(alerts)('the texts of $alert name only labels whose values cannot be markup', ({ summary, description }) => {
  const named = [...`${summary} ${description}`.matchAll(/[.$][Ll]abels\.([a-z_]+)/g)].map(([, label = '']) =>
    label.replace(/^exported_/, ''),
  )
  expect(named.filter((label) => !(label in examples) && !chosenByOperators.includes(label))).toEqual([])
})

describe.each(Object.entries(examples))('the label %s', (label, values) => {
  const pattern = labelValues[label] ?? /^$/

  it.each(values)('can be %s', (value) => {
    expect(value).toMatch(pattern)
  })

  it('has no character that could be markup', () => {
    const taken = values.flatMap((value) =>
      forbidden.filter((character) => withCharacter(value, character).some((text) => pattern.test(text))),
    )
    expect(taken).toEqual([])
  })

  it.each(['https://evil.example', 'http://evil.example/a', '//evil.example', 'mailto:a', '@here', '#general'])(
    'is never %s',
    (link) => {
      expect(link).not.toMatch(pattern)
    },
  )
})
