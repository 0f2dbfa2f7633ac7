import { fileProblems } from '../../files/fileProblems.ts'
import { svidProblems } from '../../identity/svidProblems.ts'
import { refusals } from '../../identity/verdict.ts'

/** Why no SVID can be read from a certificate file: problems of the file, then problems of the certificate. */
export const readProblems = {
  ...fileProblems,
  unmounted: 'the volume is not mounted on the host',
  empty_volume: 'the volume is mounted and has no files',
  ...svidProblems,
} as const

export type ReadProblem = keyof typeof readProblems

/** Why peers refuse a copy of an SVID that has not expired. The codes are label values and part of the contract. */
export const refusedReasons = {
  ...refusals,
  not_valid_yet: 'the leaf, or a certificate behind it, becomes valid more than 3 minutes from now',
  chain_expired: 'a certificate behind the leaf has expired, or the authority that has signed the chain',
} as const

export type RefusedReason = keyof typeof refusedReasons

/** Why a pod puts identities at risk. */
export const postureFindings = {
  host_pid: 'it shares the process namespace of its node, so it can pose as other workloads to an agent',
  socket_file_mount: "it mounts an agent's socket as a single file, which stops working once the agent restarts",
} as const

export type PostureFinding = keyof typeof postureFindings

/** What a probe of a TLS server came to. The codes are label values and part of the contract. */
export const probeOutcomes = {
  svid: 'the server presented an SVID',
  no_spiffe_id: 'the server presented a certificate without exactly one SPIFFE ID, of a workload, as its only URI',
  malformed_certificate: 'the certificate of the server is that of a CA, or it or its chain cannot be read',
  refused: 'nothing listens at the port',
  unreachable: 'the network does not reach the address, or the name does not resolve',
  timeout: 'the server did not answer, or did not end the handshake, in time',
  closed: 'the server closed the connection before it presented a certificate',
  no_tls: 'the server does not speak TLS',
  no_common_protocol: 'the server and the probe have no TLS version, cipher or application protocol in common',
  handshake_failed: 'the server refused or broke the handshake for another reason, before it presented a certificate',
  wrong_name: 'the server knows no certificate for the name that the probe sent',
  too_large: 'the server sent more than a handshake needs',
  pod_gone: 'the pod had ended, or had another address, when the handshake was over',
  host_network: 'the pod shares the network of its node, so the port may belong to another program',
} as const

export type ProbeOutcome = keyof typeof probeOutcomes

/** What a peer that has the fetched trust bundle makes of an SVID. The codes are label values and part of the contract. */
export const federatedResults = {
  verified: 'the SVID verifies against the trust bundle that was fetched for its trust domain, and is valid now',
  refused: 'it does not verify against that bundle, or is not valid now: peers in other trust domains refuse it',
  no_bundle: 'no trust bundle was fetched yet, or one with an authority that cannot be read',
} as const

export type FederatedResult = keyof typeof federatedResults
