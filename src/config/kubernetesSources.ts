import * as z from 'zod'
import { section, setting } from './documentation.ts'
import * as types from './settingTypes.ts'

/** Declares whether a source is watched. `consequences` completes the sentence that begins with "Without them,". */
const source = (objects: string, consequences: string) =>
  setting(types.flag, {
    help: `Whether ${objects} are watched. Without them, ${consequences}`,
    default: true,
    example: false,
  })

/** Which sources of Kubernetes objects are watched. Pods always are: everything else is joined with them. */
export const kubernetesSources = section(
  'Which objects of the API server are watched.',
  z.strictObject(
    {
      certificateRequests: source(
        "cert-manager's CertificateRequests",
        'SVIDs are known only by their mounted copies, which needs node roles. Issuers, their CAs, requests and their totals are not known, and a pod that never got its SVID is not noticed: the metrics `spire_attestation_*`, `spire_server_*`, `spiffe_ca_*`, `spiffe_certificate_request*`, `spiffe_identity_*` and `spiffe_issuer_*` are not exported, and their problems and alerts do not exist. A cluster without cert-manager does not need this setting, because svidwatch waits for the CRD.',
      ),
      namespaces: source(
        'Namespaces',
        'the annotation `svidwatch.io/page` and the label `coverage.namespaceLabel` of a namespace have no effect: the pods of a muted namespace page.',
      ),
      nodes: source(
        'Nodes',
        'a node on which no pod runs has no `spire_agent_up` and no alert about its agents, and a node role without an endpoint counts as deleted with its node once no pod runs there.',
      ),
      csiNodes: source(
        'CSINodes',
        'a registered CSI driver does not tell that a node should have an agent: `spire_agent_up` and its alert then need a pod that needs the agent, or a pod of the agent there within the last day.',
      ),
      trustManagerBundles: source(
        "trust-manager's Bundles",
        'nothing tells that trust-manager cannot bring one to its targets: the metric `spiffe_trust_bundle_synced` and the alert `TrustBundleNotSynced` do not know them. A cluster without trust-manager does not need this setting, because svidwatch waits for the CRD.',
      ),
      trustManagerClusterBundles: source(
        "trust-manager's ClusterBundles, which take the place of its Bundles,",
        'nothing tells that trust-manager cannot bring one to its targets. A cluster without them does not need this setting, because svidwatch waits for the CRD.',
      ),
    },
    types.mustBeMapping,
  ),
  {},
)
