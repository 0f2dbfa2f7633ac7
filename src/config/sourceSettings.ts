import * as z from 'zod'
import { neededSetting, openSetting, section, setting } from './documentation.ts'
import { spiffeDriver } from './spiffeDriver.ts'
import * as values from './settingTypes.ts'

const driver = z.strictObject(
  {
    name: neededSetting(values.driverName, {
      help: 'The name of the CSI driver.',
      example: 'csi.cert-manager.io',
    }),
    renewBefore: openSetting(values.renewBefore, {
      help: 'How long before their expiry the SVIDs in its volumes are renewed at the latest. From then on a renewal counts as overdue. [When a renewal is due](renewals.md) says what to set for which writer.',
      unset:
        'for `spiffe.csi.cert-manager.io` as csi-driver-spiffe renews, for any other driver a third of the lifetime',
      example: '20m',
    }),
  },
  values.mapping,
)
const oneDriver = 'must be a list of one or more drivers'

export const drivers = section(
  'The CSI drivers whose volumes hold SVIDs: a list, each entry with these settings, no name twice. Given, the list replaces the default: csi-driver-spiffe (`spiffe.csi.cert-manager.io`).',
  z
    .array(driver, oneDriver)
    .min(1, oneDriver)
    .refine((given) => new Set(given.map(({ name }) => name)).size === given.length, 'must name each driver once'),
  [{ name: spiffeDriver.name }],
)

export const kubernetes = section(
  'How the cluster role reaches the API server.',
  z.strictObject(
    {
      kubeconfig: openSetting(values.path, {
        help: 'The kubeconfig file to use.',
        unset: "in a cluster the pod's service account, elsewhere the file that `kubectl` would use",
        example: '/etc/svidwatch/kubeconfig',
      }),
      context: openSetting(values.contextName, {
        help: 'The context of the kubeconfig file to use.',
        unset: 'its current context',
        example: 'production',
      }),
      pageSize: setting(values.pageSize, {
        help: 'How many objects to ask for at once where the API server cannot stream a list.',
        default: 500,
        example: 200,
      }),
    },
    values.mapping,
  ),
  {},
)

export const mountedSvids = section(
  'How the node role finds the SVIDs that are mounted into the pods of its node.',
  z.strictObject(
    {
      kubeletRoot: setting(values.path, {
        help: "The kubelet's root folder, as svidwatch sees it.",
        default: '/var/lib/kubelet',
        example: '/host/var/lib/kubelet',
      }),
      certificateFile: setting(values.certificateFileName, {
        help: "The name of the file with the SVID and its chain in a driver's volume.",
        default: spiffeDriver.certificateFile,
        example: 'svid.pem',
      }),
      bundleFile: setting(values.certificateFileName, {
        help: "The name of the file with the trust bundle in a driver's volume.",
        default: spiffeDriver.bundleFile,
        example: 'bundle.pem',
      }),
    },
    values.mapping,
  ),
  {},
)

const certificate = neededSetting(values.pathOfNoKey, {
  help: 'The PEM file with the SVID and its chain, such as the one that spiffe-helper writes.',
  example: '/run/spiffe/svid.pem',
})
const bundle = openSetting(values.pathOfNoKey, {
  help: 'The PEM file with the trust bundle.',
  unset: 'no bundle is read',
  example: '/run/spiffe/bundle.pem',
})
const renewBefore = openSetting(values.renewBefore, {
  help: 'How long before its expiry the SVID is renewed at the latest, as `drivers[].renewBefore` says it: `spire` for what spiffe-helper writes.',
  unset: 'a third of the lifetime',
  example: 'spire',
})

export const files = section(
  'The certificate files that the standalone role watches: a list, each entry with these settings, no certificate twice.',
  z
    .array(z.strictObject({ certificate, bundle, renewBefore }, values.mapping), 'must be a list of files')
    .refine(
      (given) => new Set(given.map((file) => file.certificate)).size === given.length,
      'must name each certificate once',
    ),
  [],
)
