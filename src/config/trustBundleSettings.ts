import * as z from 'zod'
import { section, setting } from './documentation.ts'
import * as types from './settingTypes.ts'

/** Where copies of trust bundles are in the API. */
export const trustBundles = section(
  'Where the API server has copies of the trust bundles that workloads use. Their authorities are compared with those that sign SVIDs, and the copies with each other.',
  z.strictObject(
    {
      names: setting(types.configMapNames, {
        help: 'Cluster role: the names of ConfigMaps with trust bundles, 10 at most. Those of these names are watched in all namespaces, or in `kubernetes.namespaces`, and no others. A trust bundle is all certificates (PEM) in the values of `data`. For a Bundle of trust-manager, it is the name of the Bundle.',
        default: [],
        example: ['spiffe-trust-bundle'],
      }),
      clusterTrustBundles: setting(types.flag, {
        help: "Cluster role: whether Kubernetes' ClusterTrustBundles are watched (`certificates.k8s.io/v1beta1`, which an API server may not have turned on: then the source is blind). It has no effect with `kubernetes.namespaces`.",
        default: false,
        example: true,
      }),
    },
    types.mustBeMapping,
  ),
  {},
)
