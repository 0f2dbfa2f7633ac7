/** Why a request for the findings is refused. The codes are label values and part of the contract. */
export const tokenProblems = {
  missing: 'no bearer token in the Authorization header',
  malformed: 'the token is not a JSON Web Token of the form that the cluster role issues',
  wrong_algorithm: 'the token is signed with another algorithm than its key requires',
  unknown_key: 'the token is signed with a key that this node does not accept',
  wrong_signature: 'the signature of the token is invalid',
  already_used: 'the token has opened a stream before: each request needs a token of its own',
  expired: 'the token has expired',
  not_yet_valid: 'the token was issued in the future: the clocks of the two machines differ',
  wrong_issuer: 'the token was not issued by svidwatch',
  wrong_audience: 'the token is meant for another node',
  keys_unreadable: 'this node cannot read its public keys; the log of its node role has the reason',
} as const

export type TokenProblem = keyof typeof tokenProblems
