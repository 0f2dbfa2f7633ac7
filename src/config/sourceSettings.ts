import * as z from 'zod'
import { requiredSetting, optionalSetting, section, setting } from './documentation.ts'
import { kubernetesSources } from './kubernetesSources.ts'
import { spiffeDriver } from './spiffeDriver.ts'
import * as types from './settingTypes.ts'

const driver = z.strictObject(
  {
    name: requiredSetting(types.driverName, {
      help: 'The name of the CSI driver.',
      example: 'csi.cert-manager.io',
    }),
    renewBefore: optionalSetting(types.renewBefore, {
      help: "How long before expiry the SVIDs in the driver's volumes should be renewed at the latest. After that a renewal is overdue. [When a renewal is due](renewals.md) lists what to set for each writer.",
      unset:
        '`csi-driver-spiffe` for the driver `spiffe.csi.cert-manager.io`, a third of the lifetime for any other driver',
      example: '20m',
    }),
  },
  types.mustBeMapping,
)
const oneDriver = 'must be a list of one or more drivers'

export const drivers = section(
  'The CSI drivers whose volumes hold SVIDs: a list with these settings for each entry. Each name may be used once. A given list replaces the default: csi-driver-spiffe (`spiffe.csi.cert-manager.io`).',
  z
    .array(driver, oneDriver)
    .min(1, oneDriver)
    .refine((given) => new Set(given.map(({ name }) => name)).size === given.length, 'must name each driver only once'),
  [{ name: spiffeDriver.name }],
)

export const kubernetes = section(
  'How the cluster role reaches the API server, and what it watches there. Pods are always watched: without them, nothing else would have a meaning.',
  z.strictObject(
    {
      kubeconfig: optionalSetting(types.path, {
        help: 'The kubeconfig file to use.',
        unset: "the pod's service account in a cluster, otherwise the file that `kubectl` would use",
        example: '/etc/svidwatch/kubeconfig',
      }),
      context: optionalSetting(types.contextName, {
        help: 'The context of the kubeconfig file to use.',
        unset: 'the current context',
        example: 'production',
      }),
      namespaces: optionalSetting(types.namespaces, {
        help: 'The namespaces to watch, for want of rights in the whole cluster, or to share the work between several svidwatch. Nothing else is asked for, so Roles in these namespaces are enough. [Rights in some namespaces only](namespaces.md) lists what is not known then.',
        unset: 'the whole cluster is watched',
        example: ['team-a', 'team-b'],
      }),
      pageSize: setting(types.pageSize, {
        help: 'The number of objects in one page of a list, for API servers that cannot stream a list. A page has fewer where they are longer than 4 MiB together.',
        default: 500,
        example: 200,
      }),
      sources: kubernetesSources,
    },
    types.mustBeMapping,
  ),
  {},
)

export const mountedSvids = section(
  'How the node role finds the SVIDs that are mounted into the pods of its node.',
  z.strictObject(
    {
      kubeletRoot: setting(types.path, {
        help: "The path at which svidwatch finds the kubelet's root folder.",
        default: '/var/lib/kubelet',
        example: '/host/var/lib/kubelet',
      }),
      certificateFile: setting(types.certificateFileName, {
        help: "The name of the file with the SVID and its chain in a driver's volume.",
        default: spiffeDriver.certificateFile,
        example: 'svid.pem',
      }),
      bundleFile: setting(types.certificateFileName, {
        help: "The name of the file with the trust bundle in a driver's volume.",
        default: spiffeDriver.bundleFile,
        example: 'bundle.pem',
      }),
    },
    types.mustBeMapping,
  ),
  {},
)

const certificate = requiredSetting(types.pathOfNoKey, {
  help: 'The PEM file with the SVID and its chain, such as the one that spiffe-helper writes.',
  example: '/run/spiffe/svid.pem',
})
const bundle = optionalSetting(types.pathOfNoKey, {
  help: 'The PEM file with the trust bundle of the trust domain, against which the SVID is verified as peers do.',
  unset: 'no bundle is read, and nothing is verified',
  example: '/run/spiffe/bundle.pem',
})
const renewBefore = optionalSetting(types.renewBefore, {
  help: 'How long before its expiry the SVID should be renewed at the latest, in the form of `drivers[].renewBefore`. Use `spire` for files that spiffe-helper writes.',
  unset: 'a third of the lifetime',
  example: 'spire',
})

export const files = section(
  'The certificate files that the standalone role watches: a list with these settings for each entry. Each certificate may be listed once.',
  z
    .array(z.strictObject({ certificate, bundle, renewBefore }, types.mustBeMapping), 'must be a list of files')
    .refine(
      (given) => new Set(given.map((file) => file.certificate)).size === given.length,
      'must name each certificate only once',
    ),
  [],
)
