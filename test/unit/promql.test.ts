import { readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { parse } from 'yaml'
import { chosenAtEachStep, problemsOf } from '../support/promql.ts'

describe.each(['svidwatch.rules.yaml', 'exported-labels.rules.yaml'])('in %s', (file) => {
  const { groups } = parse(readFileSync(new URL(`../../alerts/${file}`, import.meta.url), 'utf8')) as {
    groups: { rules: { record?: string; alert?: string; expr: string }[] }[]
  }

  test.each(
    groups.flatMap(({ rules }) => rules.map(({ record, alert, expr }) => [record ?? alert ?? '', expr] as const)),
  )('%s asks for what exists', (_, expr) => expect(problemsOf(expr)).toEqual([]))
})

describe('the check', () => {
  it.each([
    ['sum(spiffe_svids', 'does not parse: sum(spiffe_svids⚠'],
    ['max(spiffe_svid)', 'no such metric: spiffe_svid'],
    ['spire_server_svid_renewal_duration_seconds', 'no such metric: spire_server_svid_renewal_duration_seconds'],
    ['spiffe_svids{pod="a"}', 'spiffe_svids has no label pod'],
    ['sum by (colour) (spiffe_svids)', 'no series has a label colour'],
  ])('objects to %s', (expr, problem) => {
    expect(problemsOf(expr)).toEqual([problem])
  })

  it('knows variables of Grafana, histograms, targets and the alerts that fire', () => {
    const expr =
      'sum by (le, instance) (rate(spire_server_svid_renewal_duration_seconds_bucket{cluster=~"$cluster"}[$__rate_interval])) or on () count(ALERTS{alertstate="firing"}) or up{job="a"}'
    expect(problemsOf(expr)).toEqual([])
  })
})

describe('what topk chooses from at each step of a range', () => {
  it.each([
    ['topk(10, spiffe_svids{copy="issued"})', ['spiffe_svids{copy="issued"}']],
    ['up and bottomk(2, rate(up[5m]))', ['up']],
    ['topk(10, sum(up @ end()) or spiffe_svids)', ['spiffe_svids']],
    ['topk(1, up @ end()) + topk(1, spiffe_svids)', ['spiffe_svids']],
    ['spiffe_svids and topk(10, spiffe_svids{copy="issued"} @ end())', []],
    ['up and bottomk(10, rate(up[5m] @ end()) - time())', []],
    ['max(up)', []],
  ])('of %s', (expr, chosen) => {
    expect(chosenAtEachStep(expr)).toEqual(chosen)
  })
})
