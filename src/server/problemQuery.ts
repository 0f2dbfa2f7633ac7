import { allCodes, type DiagnosisCode, type Severity } from '../diagnosis/codes.ts'
import type { Urgency } from '../diagnosis/urgency.ts'
import { positionFromToken } from './problemOrder.ts'
import { givenOf, QueryReader, type GivenParameters } from './query.ts'

/** The problems that a request asks for. */
export interface ProblemQuery {
  readonly limit: number
  /** Only problems that are less urgent than this one. */
  readonly after?: Urgency
  /** Only problems with exactly these values. */
  readonly namespace?: string
  readonly pod?: string
  readonly node?: string
  readonly issuer?: string
  readonly code?: DiagnosisCode
  readonly severity?: Severity
  readonly muted?: 'true' | 'false'
}

const parameters = ['limit', 'continue', 'namespace', 'pod', 'node', 'issuer', 'code', 'severity', 'muted'] as const

/** Parses the query of GET /api/v1/problems. Throws a `RequestError` that names the wrong parameter and its value. */
export function readProblemQuery(given: GivenParameters): ProblemQuery {
  const query = new QueryReader(given, parameters)
  return {
    limit: query.limit('limit'),
    ...givenOf({
      after: query.position('continue', positionFromToken),
      namespace: query.text('namespace'),
      pod: query.text('pod'),
      node: query.text('node'),
      issuer: query.text('issuer'),
      code: query.oneOf('code', allCodes),
      severity: query.oneOf('severity', ['critical', 'warning']),
      muted: query.oneOf('muted', ['true', 'false']),
    }),
  }
}
