import type { FastifyInstance } from 'fastify'
import type { DiagnosesView } from '../diagnosis/diagnosis.ts'
import { pageText } from './pageText.ts'
import { problemItem } from './problemItem.ts'
import { positionToken } from './problemOrder.ts'
import { problemPageOf } from './problemPage.ts'
import { readProblemQuery, type ProblemQuery } from './problemQuery.ts'
import type { Walks } from './walks.ts'

interface ProblemsOptions {
  readonly diagnoses: DiagnosesView
  readonly walks: Walks
}

/** Adds GET /api/v1/problems: what is wrong, the most urgent first, page by page (docs/api.md). */
export function addProblems(http: FastifyInstance, { diagnoses, walks }: ProblemsOptions): void {
  http.get<{ Querystring: Record<string, unknown> }>('/api/v1/problems', (request, reply) => {
    const query = readProblemQuery(request.query)
    return walks.answer(request, reply, () => textOf(diagnoses, query))
  })
}

function* textOf(diagnoses: DiagnosesView, query: ProblemQuery): Generator<undefined, Buffer> {
  const { problems, last, counts, total } = yield* problemPageOf(diagnoses.all(), query)
  return yield* pageText({
    before: { counts },
    views: problems,
    item: problemItem,
    after: { ...(last && { continue: positionToken(last) }), total },
  })
}
