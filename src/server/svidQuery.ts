import { svidStates } from '../identity/lifetime.ts'
import { givenOf, QueryReader, type GivenParameters } from './query.ts'
import { keyFromToken } from './svidOrder.ts'
import type { SvidQuery } from './svidPage.ts'

const parameters = ['limit', 'continue', 'namespace', 'copy', 'state'] as const
const copyNames = ['issued', 'mounted'] as const

/** Parses the query of GET /api/v1/svids. Throws a `RequestError` that names the wrong parameter and its value. */
export function readSvidQuery(given: GivenParameters): SvidQuery {
  const query = new QueryReader(given, parameters)
  return {
    limit: query.limit('limit'),
    ...givenOf({
      afterKey: query.position('continue', keyFromToken),
      namespace: query.text('namespace'),
      copy: query.oneOf('copy', copyNames),
      state: query.oneOf('state', svidStates),
    }),
  }
}
