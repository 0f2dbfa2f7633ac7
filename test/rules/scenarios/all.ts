import type { Scenario } from '../scenario.ts'
import { absent } from './absent.ts'
import { authorities } from './authorities.ts'
import { bundles } from './bundles.ts'
import { twins, twoCopies } from './copies.ts'
import { explainedCopies } from './explained.ts'
import { explainedRefusals } from './explainedRefusals.ts'
import { forgottenIssuers } from './forgotten.ts'
import { incidents } from './incidents.ts'
import { issuers } from './issuers.ts'
import { itself } from './itself.ts'
import { heldCopies } from './held.ts'
import { honoredRules } from './labels.ts'
import { lastTold } from './lastTold.ts'
import { leftOut } from './leftOut.ts'
import { many } from './many.ts'
import { manyWarnings } from './manyWarnings.ts'
import { missed } from './missed.ts'
import { muted } from './muted.ts'
import { besideExplained, formerIssuer, namesakes, neighbours, samePlace } from './neighbours.ts'
import { oneCause } from './oneCause.ts'
import { rates } from './rates.ts'
import { refusals } from './refusals.ts'
import { restarts } from './restarts.ts'
import { simple } from './simple.ts'
import { singleSvids } from './singleSvids.ts'
import { tooOften } from './tooOften.ts'
import { trust } from './trust.ts'
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
  heldCopies,
  refusals,
  explainedRefusals,
  forgottenIssuers,
  incidents,
  oneCause,
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
  singleSvids,
  rates,
  unnamed,
  tooOften,
  authorities,
  trust,
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
    heldCopies,
    incidents,
    oneCause,
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
  'svidwatch-copies': [
    simple,
    singleSvids,
    muted,
    manyWarnings,
    refusals,
    explainedRefusals,
    incidents,
    oneCause,
  ].flat(),
  'svidwatch-issuance': [waiting, simple, rates, unnamed, tooOften, muted, oneCause].flat(),
  'svidwatch-authorities': authorities,
  'svidwatch-trust': [trust, explainedRefusals].flat(),
  'svidwatch-bundles': bundles,
  'svidwatch-agents': simple,
  'svidwatch-itself': [itself, restarts, absent, simple, rates].flat(),
  'svidwatch-labels': honoredRules,
}
