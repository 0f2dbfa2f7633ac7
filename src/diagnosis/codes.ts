import { alertAfterMs } from './thresholds.ts'

/** What a diagnosis is about. */
export type SubjectKind = 'svid' | 'issuer' | 'node' | 'trust domain' | 'trust bundle' | 'many SVIDs' | 'svidwatch'

export type Severity = 'critical' | 'warning'

interface CodeDeclaration {
  readonly about: SubjectKind
  /** The worst severity that the diagnosis can have. */
  readonly severity: Severity
  /** The meaning, in one sentence. */
  readonly meaning: string
  /** The alert that tells of it, whose runbook also serves `/api/v1/problems`. */
  readonly alert: string
}

/** Every diagnosis. Codes are contracts: they are label values and values of the API. */
export const diagnosisCodes = {
  renewal_missed: {
    about: 'svid',
    severity: 'critical',
    meaning: 'the renewal of the SVID was missed, and the SVID has not expired yet',
    alert: 'SVIDExpiringSoon',
  },
  expired: {
    about: 'svid',
    severity: 'critical',
    meaning: 'the SVID has expired, and peers refuse it',
    alert: 'SVIDExpired',
  },
  not_issued: {
    about: 'svid',
    severity: 'warning',
    meaning: 'the pod mounts a volume for an SVID, but no SVID is known for it',
    alert: 'SVIDNotIssued',
  },
  mount_stale: {
    about: 'svid',
    severity: 'warning',
    meaning: 'a newer SVID was issued, but the mounted file still has the older one',
    alert: 'SVIDMountStale',
  },
  mount_detached: {
    about: 'svid',
    severity: 'warning',
    meaning:
      'running containers have an older mount of the volume than the host, and their files are not renewed any more',
    alert: 'SVIDMountDetached',
  },
  mount_gone: {
    about: 'svid',
    severity: 'warning',
    meaning: 'the volume of a running pod is not mounted on the host any more',
    alert: 'SVIDMountGone',
  },
  empty_volume: {
    about: 'svid',
    severity: 'warning',
    meaning: 'the volume is mounted and has no files',
    alert: 'SVIDVolumeEmpty',
  },
  sub_path: {
    about: 'svid',
    severity: 'warning',
    meaning: 'a container mounts a path of the volume by subPath, so its file is never renewed',
    alert: 'SVIDMountedBySubPath',
  },
  not_reloaded: {
    about: 'svid',
    severity: 'warning',
    meaning: 'the server in the pod still presents an older SVID than the one that is mounted',
    alert: 'SVIDNotReloaded',
  },
  wrong_identity: {
    about: 'svid',
    severity: 'warning',
    meaning:
      'a copy of the SVID has another SPIFFE ID than the other copies, or than its namespace and service account',
    alert: 'SVIDWrongIdentity',
  },
  peer_refuses: {
    about: 'svid',
    severity: 'critical',
    meaning:
      'peers refuse the SVID although it has not expired: it does not verify against its trust bundle, or breaks a rule',
    alert: 'SVIDRefusedByPeers',
  },
  unreadable: {
    about: 'svid',
    severity: 'warning',
    meaning: 'the certificate file cannot be read',
    alert: 'SVIDUnreadable',
  },
  renewed_too_often: {
    about: 'svid',
    severity: 'warning',
    meaning: 'the SVID is renewed again and again, long before its renewal is due',
    alert: 'SVIDRenewedTooOften',
  },
  issuer_down: {
    about: 'issuer',
    severity: 'critical',
    meaning: 'the issuer issues nothing, or nobody approves its requests, and several renewals were missed',
    alert: 'SVIDIssuanceDown',
  },
  issuer_slow: {
    about: 'issuer',
    severity: 'warning',
    meaning: 'the issuer issues SVIDs, but too slowly',
    alert: 'SVIDIssuanceSlow',
  },
  incident: {
    about: 'many SVIDs',
    severity: 'critical',
    meaning: 'many SVIDs have problems that one thing explains: a node, an issuer, a trust domain, or everything',
    alert: 'SPIFFEIncident',
  },
  ca_expiring: {
    about: 'issuer',
    severity: 'critical',
    meaning: 'a certificate in the chain of the issuer is about to expire or has expired, and the issuer still uses it',
    alert: 'SPIFFECAExpiringSoon',
  },
  identity_mismatch: {
    about: 'issuer',
    severity: 'warning',
    meaning: 'a CertificateRequest claims another SPIFFE ID than its certificate has',
    alert: 'SPIFFEIdentityMismatch',
  },
  agent_down: {
    about: 'node',
    severity: 'warning',
    meaning: 'the node should have an agent, but has none that is ready',
    alert: 'SPIREAgentDown',
  },
  bundle_stale: {
    about: 'trust domain',
    severity: 'critical',
    meaning: 'the trust bundle has not been refreshed for too long',
    alert: 'TrustBundleStale',
  },
  bundle_expired: {
    about: 'trust domain',
    severity: 'critical',
    meaning: 'every X.509 authority in the trust bundle has expired',
    alert: 'TrustBundleExpired',
  },
  bundle_unreachable: {
    about: 'trust domain',
    severity: 'warning',
    meaning: 'the trust bundle has never been fetched',
    alert: 'FederationEndpointUnreachable',
  },
  authority_untrusted: {
    about: 'trust domain',
    severity: 'critical',
    meaning: 'an authority has signed SVIDs that are in use, and trust bundles that workloads use do not have it',
    alert: 'SPIFFEAuthorityUntrusted',
  },
  bundle_skew: {
    about: 'trust domain',
    severity: 'warning',
    meaning: 'copies of one trust bundle differ for longer than their distribution takes',
    alert: 'TrustBundleSkew',
  },
  bundle_unsynced: {
    about: 'trust bundle',
    severity: 'warning',
    meaning: 'trust-manager says that it cannot bring the trust bundle to its targets',
    alert: 'TrustBundleNotSynced',
  },
  node_blind: {
    about: 'node',
    severity: 'warning',
    meaning: 'the node role is silent or cannot see its files, so the mounted SVIDs of the node are not seen',
    alert: 'SvidwatchNodeBlind',
  },
  source_blind: {
    about: 'svidwatch',
    severity: 'critical',
    meaning: 'svidwatch cannot see a system that it watches, so its state is the last known one',
    alert: 'SvidwatchBlind',
  },
} as const satisfies Readonly<Record<string, CodeDeclaration>>

export type DiagnosisCode = keyof typeof diagnosisCodes

export const allCodes = Object.keys(diagnosisCodes) as readonly DiagnosisCode[]

/** Returns how long a problem must last before its alert fires, ms. */
export function alertAfter(code: DiagnosisCode): number {
  return code in alertAfterMs ? alertAfterMs[code as keyof typeof alertAfterMs] : 0
}

/** What heals a problem. */
export const remedies = {
  new_pod: 'a new pod in place of this one',
  issuer: 'an issuer that works',
  approver: 'an approver that runs and agrees with the driver',
  driver: 'a driver or agent that works on the node and asks for what the approver expects',
  bundle: 'a trust bundle that works and has the current authorities',
  reload: 'a program that reads its SVID again, or a new pod',
  manifest: 'a pod whose containers mount the whole volume',
  svidwatch: 'svidwatch with sight of what it watches',
  nothing: 'nothing that a restart or a repair would change: the cause has to be found first',
} as const

export type Remedy = keyof typeof remedies
