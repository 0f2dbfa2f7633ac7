import type { FastifyInstance } from 'fastify'
import { inSlices } from '../breather.ts'
import type { Clock } from '../clock.ts'
import type { DiagnosesView } from '../diagnosis/diagnosis.ts'
import { problemItem } from './problemItem.ts'
import { positionToken } from './problemOrder.ts'
import { problemPageOf } from './problemPage.ts'
import { readProblemQuery } from './problemQuery.ts'

interface ProblemsOptions {
  readonly diagnoses: DiagnosesView
  readonly clock: Clock
}

/** Adds GET /api/v1/problems: what is wrong, the most urgent first, page by page (docs/api.md). */
export function addProblems(http: FastifyInstance, { diagnoses, clock }: ProblemsOptions): void {
  http.get<{ Querystring: Record<string, unknown> }>('/api/v1/problems', async (request, reply) => {
    const query = readProblemQuery(request.query)
    const { problems, last, counts, total } = await inSlices(clock, problemPageOf(diagnoses.all(), query))
    return reply.send({
      counts,
      items: problems.map(problemItem),
      ...(last && { continue: positionToken(last) }),
      total,
    })
  })
}
