import type { FastifyReply, FastifyRequest } from 'fastify'
import { tokenProblems } from '../nodeStream/tokenProblems.ts'
import type { FindingsOffer, ServersOptions } from './options.ts'
import { RequestError } from './requestError.ts'

/** Lets those follow the findings who show a good token. */
export class FindingsAdmission {
  readonly #options: Pick<FindingsOffer, 'verifier' | 'tally'> & Pick<ServersOptions, 'log'>
  #warnedOf: string | undefined

  constructor(options: Pick<FindingsOffer, 'verifier' | 'tally'> & Pick<ServersOptions, 'log'>) {
    this.#options = options
  }

  /** Throws the 401 for a request without a good token, and counts it. */
  async check(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { verifier, tally } = this.#options
    const problem = await verifier.verify(request.headers.authorization)
    if (problem === undefined) return
    tally.refused(problem)
    if (problem === 'keys_unreadable') await this.warn()
    void reply.header('www-authenticate', problem === 'missing' ? 'Bearer' : 'Bearer error="invalid_token"')
    throw new RequestError('unauthorized', `${problem}: ${tokenProblems[problem]}`)
  }

  /** Logs what is wrong with this node's public keys, unless that was logged already. */
  async warn(): Promise<void> {
    const { verifier, log } = this.#options
    const problem = await verifier.keysProblem()
    if (problem !== undefined && problem !== this.#warnedOf) {
      log.warn({ event: 'keys_unreadable' }, `${problem}; until then nobody can follow the findings of this node`)
    }
    this.#warnedOf = problem
  }
}
