import * as z from 'zod'
import { bundleEndpoints } from './bundleEndpointSettings.ts'
import { agents, coverage, nodeFindings } from './clusterSettings.ts'
import { checkpoint, limits, log, readiness, roles, server } from './processSettings.ts'
import { servedSvids } from './servedSvidsSettings.ts'
import { drivers, files, kubernetes, mountedSvids } from './sourceSettings.ts'
import { mustBeMapping } from './settingTypes.ts'
import { trustBundles } from './trustBundleSettings.ts'
import { tracing } from './tracingSettings.ts'

/** All settings, nested as in the configuration file. */
export const schema = z
  .strictObject(
    {
      roles,
      drivers,
      kubernetes,
      agents,
      coverage,
      nodeFindings,
      mountedSvids,
      files,
      servedSvids,
      bundleEndpoints,
      trustBundles,
      limits,
      checkpoint,
      server,
      readiness,
      log,
      tracing,
    },
    mustBeMapping,
  )
  .prefault({})
