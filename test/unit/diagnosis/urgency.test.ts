import { expect, it } from 'vitest'
import { compareUrgency } from '../../../src/diagnosis/urgency.ts'
import { diagnosis } from '../../support/fakeDiagnoses.ts'

const minute = 60_000
const { sinceMs, impactMs = 0 } = diagnosis()

it('what hurts first comes first, what is explained later, warnings after that, and what wakes nobody last', () => {
  const inOrder = [
    diagnosis({ code: 'expired', impactMs: impactMs - minute }),
    diagnosis({ sinceMs: sinceMs - minute }),
    diagnosis(),
    diagnosis({ code: 'source_blind', impactMs: Infinity }),
    diagnosis({ explainedBy: 'issuer_down', impactMs: impactMs - minute }),
    diagnosis({ severity: 'warning', impactMs: impactMs - minute }),
    diagnosis({ muted: true, impactMs: impactMs - minute }),
  ]
  expect(inOrder.toReversed().sort(compareUrgency)).toEqual(inOrder)
})
