import { expect, test } from 'vitest'
import { workloadLabels } from '../../alerts/labels.ts'
import { svidLabelNames } from '../../src/ledger/workloads/view.ts'

test('alerts tell workloads apart by the labels of SVIDs and the cluster, whichever copy it is', () => {
  const ofSvids = svidLabelNames.filter((name) => name !== 'copy')
  expect([...workloadLabels].sort()).toEqual(['cluster', ...ofSvids].sort())
})
