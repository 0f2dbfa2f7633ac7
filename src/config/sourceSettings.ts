import * as z from 'zod'
import { documentation, openSetting, section, setting } from './documentation.ts'
import { spiffeDriver } from './spiffeDriver.ts'
import * as values from './settingTypes.ts'

export const drivers = setting(values.driverNames, {
  help: 'The CSI drivers whose volumes hold SVIDs.',
  default: [spiffeDriver.name],
  example: [spiffeDriver.name],
})

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

const certificate = values.pathOfNoKey
documentation.add(certificate, {
  help: 'The PEM file with the SVID and its chain, such as the one that spiffe-helper writes.',
  default: { words: 'none: every file must be given' },
  example: '/run/spiffe/svid.pem',
})
const bundle = openSetting(values.pathOfNoKey, {
  help: 'The PEM file with the trust bundle.',
  unset: 'no bundle is read',
  example: '/run/spiffe/bundle.pem',
})

export const files = section(
  'The certificate files that the standalone role watches: a list, each entry with these settings, no certificate twice.',
  z
    .array(z.strictObject({ certificate, bundle }, values.mapping), 'must be a list of files')
    .refine(
      (given) => new Set(given.map((file) => file.certificate)).size === given.length,
      'must name each certificate once',
    ),
  [],
)
