import * as z from 'zod'
import { section, setting } from './documentation.ts'
import * as types from './settingTypes.ts'

/** Declares whether a source is watched. `lost` says what svidwatch does without while it is not. */
const source = (objects: string, lost: string) =>
  setting(types.flag, {
    help: `Whether ${objects} are watched. \`false\` switches off: ${lost}`,
    default: true,
    example: false,
  })

/** Which objects of the API server are watched, by the name of their source. Without pods, nothing else could be understood. */
export const kubernetesSources = section(
  'Which objects of the API server are watched.',
  z.strictObject(
    {
      certificateRequests: source(
        "cert-manager's CertificateRequests",
        'all issued copies, issuers and their CAs, requests and their totals (`spire_attestation_*`, `spire_server_*`, `spiffe_certificate_request*`, `spiffe_issuer_*`, `spiffe_ca_*`, `spiffe_identity_*`), drift, and every problem and alert about issuance, such as SVIDs that were never issued. SVIDs are then judged by their mounted copies alone, which takes node roles. For clusters without cert-manager: svidwatch waits for its CRD otherwise.',
      ),
      namespaces: source(
        'Namespaces',
        'their annotation `svidwatch.io/page`, so that the pods of muted namespaces page, and `coverage.namespaceLabel`.',
      ),
      nodes: source(
        'Nodes',
        '`spire_agent_up` and its alert for nodes on which no pod runs, and the difference between a node that was deleted and one whose node role is gone: a node role without an endpoint is forgotten once no pod runs on its node.',
      ),
      csiNodes: source(
        'CSINodes',
        '`spire_agent_up` and its alert for agents that are known only by their registered CSI driver: neither a pod of the node needs them, nor did they run there within the last day.',
      ),
    },
    types.mustBeMapping,
  ),
  {},
)
