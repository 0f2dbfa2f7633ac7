import type { FastifyReply, FastifyRequest } from 'fastify'
import { silentMs } from '../nodeStream/contract.ts'
import { tokenProblems, type TokenProblem } from '../nodeStream/tokenProblems.ts'
import type { AcceptedToken } from '../nodeStream/tokens.ts'
import { maxFollowersOfKey } from './findingsTally.ts'
import type { FindingsOffer, ServersOptions } from './options.ts'
import { overloaded, RequestError } from './requestError.ts'
import { UsedTokens } from './usedTokens.ts'

type AdmissionOptions = Pick<FindingsOffer, 'verifier' | 'tally'> & Pick<ServersOptions, 'log' | 'clock'>

/** Admits clients with a valid token to the findings. A token opens one stream, so that nobody can use one that was overheard. */
export class FindingsAdmission {
  readonly #options: AdmissionOptions
  readonly #used: UsedTokens
  #loggedProblem: string | undefined

  constructor(options: AdmissionOptions) {
    this.#options = options
    this.#used = new UsedTokens(options.clock)
  }

  /** Returns the token of a request. Throws a `RequestError` for a request without a valid token, and counts the refusal. */
  async check(request: FastifyRequest, reply: FastifyReply): Promise<AcceptedToken> {
    const verified = await this.#options.verifier.verify(request.headers.authorization)
    if (!('problem' in verified)) return verified
    if (verified.problem === 'keys_unreadable') await this.warn()
    throw this.#refusal(verified.problem, reply)
  }

  /**
   * Gives the client with a token a place among the followers. Returns a function that ends this. Throws a `RequestError` if the token
   * has been used, or if there is no place.
   */
  enter({ keyId, tokenId }: AcceptedToken, reply: FastifyReply): () => void {
    if (this.#used.has(tokenId)) throw this.#refusal('already_used', reply)
    const leave = this.#options.tally.addFollower(keyId)
    if (leave === undefined) {
      const problem = `${maxFollowersOfKey} clients with a token of this key follow the findings already`
      throw overloaded(reply, problem, silentMs / 1000)
    }
    this.#used.add(tokenId)
    return leave
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

  #refusal(problem: TokenProblem, reply: FastifyReply): RequestError {
    this.#options.tally.countRefusal(problem)
    void reply.header('www-authenticate', problem === 'missing' ? 'Bearer' : 'Bearer error="invalid_token"')
    return new RequestError('unauthorized', `${problem}: ${tokenProblems[problem]}`)
  }
}
