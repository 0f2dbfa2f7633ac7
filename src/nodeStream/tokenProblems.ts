/** Why a request for the findings is refused. Codes are contracts: they are label values. */
export const tokenProblems = {
  missing: 'no bearer token in the Authorization header',
  malformed: 'the token is no JSON Web Token of the kind that the cluster role makes',
  wrong_algorithm: 'the token is signed in another way than its key is for',
  unknown_key: 'the token is signed by a key that is not among those that this node accepts',
  wrong_signature: 'the signature of the token is wrong',
  expired: 'the token has expired',
  not_yet_valid: 'the token is of the future: the clocks of the two machines differ',
  wrong_issuer: 'the token was not made by svidwatch',
  wrong_audience: 'the token is meant for another node',
  keys_unreadable: 'this node cannot read its public keys; its log says why',
} as const

export type TokenProblem = keyof typeof tokenProblems
