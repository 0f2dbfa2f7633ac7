import type { Scenario } from '../scenario.ts'
import { absent } from './absent.ts'
import { authorities } from './authorities.ts'
import { bundles } from './bundles.ts'
import { twins, twoCopies } from './copies.ts'
import { explainedCopies } from './explained.ts'
import { forgottenIssuers } from './forgotten.ts'
import { incidents } from './incidents.ts'
import { issuers } from './issuers.ts'
import { itself } from './itself.ts'
import { honoredRules } from './labels.ts'
import { lastTold } from './lastTold.ts'
import { leftOut } from './leftOut.ts'
import { many } from './many.ts'
import { manyWarnings } from './manyWarnings.ts'
import { missed } from './missed.ts'
import { muted } from './muted.ts'
import { besideExplained, formerIssuer, namesakes, neighbours, samePlace } from './neighbours.ts'
import { rates } from './rates.ts'
import { restarts } from './restarts.ts'
import { simple } from './simple.ts'
import { tooOften } from './tooOften.ts'
import { unnamed } from './unnamed.ts'
import { waiting } from './waiting.ts'
import { watching } from './watching.ts'
import { writers } from './writers.ts'

export const scenarios: readonly Scenario[] = [
  missed,
  many,
  manyWarnings,
  leftOut,
  muted,
  watching,
  writers,
  twoCopies,
  twins,
  forgottenIssuers,
  incidents,
  lastTold,
  issuers,
  neighbours,
  besideExplained,
  samePlace,
  explainedCopies,
  namesakes,
  formerIssuer,
  waiting,
  simple,
  rates,
  unnamed,
  tooOften,
  authorities,
  bundles,
  itself,
  restarts,
  absent,
  honoredRules,
].flat()

/** Those that say anything of the rules of a group. */
export const scenariosOf: Readonly<Record<string, readonly Scenario[]>> = {
  'svidwatch-renewals': [
    missed,
    many,
    leftOut,
    muted,
    watching,
    writers,
    twoCopies,
    twins,
    incidents,
    lastTold,
    issuers,
    neighbours,
    besideExplained,
    samePlace,
    explainedCopies,
    namesakes,
    formerIssuer,
    forgottenIssuers,
  ].flat(),
  'svidwatch-copies': [simple, muted, manyWarnings, incidents].flat(),
  'svidwatch-issuance': [waiting, simple, rates, unnamed, tooOften, muted].flat(),
  'svidwatch-authorities': authorities,
  'svidwatch-bundles': bundles,
  'svidwatch-agents': simple,
  'svidwatch-itself': [itself, restarts, absent, simple, rates].flat(),
  'svidwatch-labels': honoredRules,
}
