import type { FastifyReply, FastifyRequest } from 'fastify'
import { tokenProblems } from '../nodeStream/tokenProblems.ts'
import type { FindingsOffer, ServersOptions } from './options.ts'
import { RequestError } from './requestError.ts'

/** Admits clients with a valid token to the findings. */
export class FindingsAdmission {
  readonly #options: Pick<FindingsOffer, 'verifier' | 'tally'> & Pick<ServersOptions, 'log'>
  #loggedProblem: string | undefined

  constructor(options: Pick<FindingsOffer, 'verifier' | 'tally'> & Pick<ServersOptions, 'log'>) {
    this.#options = options
  }

  /**
   * Returns the id of the key that signed the token of a request. Throws a `RequestError` with status 401 for a request without a valid
   * token, and counts the refusal.
   */
  async check(request: FastifyRequest, reply: FastifyReply): Promise<string> {
    const { verifier, tally } = this.#options
    const verified = await verifier.verify(request.headers.authorization)
    if ('keyId' in verified) return verified.keyId
    const { problem } = verified
    tally.countRefusal(problem)
    if (problem === 'keys_unreadable') await this.warn()
    void reply.header('www-authenticate', problem === 'missing' ? 'Bearer' : 'Bearer error="invalid_token"')
    throw new RequestError('unauthorized', `${problem}: ${tokenProblems[problem]}`)
  }

  /** Logs what is wrong with this node's public keys, unless the last call logged the same problem. */
  async warn(): Promise<void> {
    const { verifier, log } = this.#options
    const problem = await verifier.keysProblem()
    if (problem !== undefined && problem !== this.#loggedProblem) {
      log.warn({ event: 'keys_unreadable' }, `${problem}; no client can follow the findings of this node until then`)
    }
    this.#loggedProblem = problem
  }
}
