import type { SpanName } from './spanNames.ts'

interface AttributeDeclaration {
  readonly meaning: string
  readonly on: readonly SpanName[]
  /** How stable the name is: in OpenTelemetry's semantic conventions, or a name of the runbook or of svidwatch. */
  readonly origin: 'stable convention' | 'convention in development' | 'runbook' | 'svidwatch'
}

const rotation = ['svid.rotation'] as const
const subjects = ['svid.rotation', 'svid.mount', 'svid.served', 'svid.problem'] as const
const places = ['svid.mount', 'svid.served', 'svid.problem'] as const
const everywhere = [
  'svid.rotation',
  'svid.approval',
  'svid.issuance',
  'svid.mount',
  'svid.served',
  'svid.problem',
] as const

/** Every attribute that spans can have. An attribute whose value is not known is left out. */
export const attributes = {
  'spiffe.id': { on: ['svid.rotation', 'svid.problem'], origin: 'svidwatch', meaning: 'the SPIFFE ID' },
  'spiffe.trust.domain': { on: ['svid.rotation', 'svid.problem'], origin: 'runbook', meaning: 'the trust domain' },
  'spiffe.svid.ttl': { on: rotation, origin: 'runbook', meaning: 'the lifetime of the issued SVID, in seconds' },
  'spiffe.svid.not_after': { on: rotation, origin: 'svidwatch', meaning: 'when the issued SVID expires, in RFC 3339' },
  'spiffe.attestation.method': {
    on: rotation,
    origin: 'runbook',
    meaning: 'how the workload was attested: `cert-manager`',
  },
  'k8s.namespace.name': { on: subjects, origin: 'stable convention', meaning: 'the namespace of the pod' },
  'k8s.pod.name': { on: subjects, origin: 'stable convention', meaning: 'the name of the pod' },
  'k8s.pod.uid': { on: rotation, origin: 'stable convention', meaning: 'the uid of the pod' },
  'k8s.node.name': { on: places, origin: 'stable convention', meaning: 'the node of the pod' },
  'k8s.volume.name': {
    on: places,
    origin: 'convention in development',
    meaning: 'the volume of the SVID',
  },
  'server.port': { on: ['svid.served'], origin: 'stable convention', meaning: 'the port of the server' },
  'error.type': {
    on: everywhere,
    origin: 'stable convention',
    meaning: 'the reason code of a denial or failure, or the code of a problem',
  },
  'svidwatch.issuer': {
    on: ['svid.rotation', 'svid.problem'],
    origin: 'svidwatch',
    meaning: 'the issuer, as in the label `issuer`',
  },
  'svidwatch.request.name': { on: rotation, origin: 'svidwatch', meaning: 'the name of the CertificateRequest' },
  'svidwatch.request.uid': {
    on: rotation,
    origin: 'svidwatch',
    meaning: 'the uid of the CertificateRequest, from which the ids are made',
  },
  'svidwatch.result': { on: rotation, origin: 'svidwatch', meaning: '`issued`, `denied` or `failed`' },
  'svidwatch.start.source': {
    on: everywhere,
    origin: 'svidwatch',
    meaning:
      'where the start comes from: `object` (a Kubernetes object, whole seconds), `file` (the time at which the file was written), `observed` (the clock of svidwatch) or `rule` (computed from the lifetime of an SVID or a threshold)',
  },
  'svidwatch.end.source': {
    on: everywhere,
    origin: 'svidwatch',
    meaning: 'where the end comes from, with the same values',
  },
  'svidwatch.began': {
    on: everywhere,
    origin: 'svidwatch',
    meaning: 'the true start, in RFC 3339, of a span that is cut because it lasted longer than 24 h',
  },
  'svidwatch.problem.code': { on: ['svid.problem'], origin: 'svidwatch', meaning: 'the code of the problem' },
  'svidwatch.problem.severity': { on: ['svid.problem'], origin: 'svidwatch', meaning: '`critical` or `warning`' },
  'svidwatch.problem.reason': {
    on: ['svid.problem'],
    origin: 'svidwatch',
    meaning: 'the reason code that the subject itself gives',
  },
  'svidwatch.problem.remedy': { on: ['svid.problem'], origin: 'svidwatch', meaning: 'what heals the problem' },
  'svidwatch.problem.explained_by': {
    on: ['svid.problem'],
    origin: 'svidwatch',
    meaning: 'the code of the problem that explains this one',
  },
  'svidwatch.problem.subject': {
    on: ['svid.problem'],
    origin: 'svidwatch',
    meaning: 'the subject of a problem that is not an SVID: an issuer, a node, a trust domain or a source',
  },
} as const satisfies Readonly<Record<string, AttributeDeclaration>>

export type AttributeName = keyof typeof attributes

/** The attributes of one span. An empty text stands for a value that is not known, and is left out. */
export type SpanAttributes = Readonly<Partial<Record<AttributeName, string | number | undefined>>>
