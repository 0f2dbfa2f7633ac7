import { rm, writeFile } from 'node:fs/promises'
import { build as bundle, type Plugin } from 'esbuild'
import { bundledLicenses } from './licenses/bundledLicenses.ts'

/**
 * Bundles the program for production, with one file for each part that is loaded on demand, and beside them the licenses of the
 * packages that are in it. It needs nothing but Node to run. Fails if a package has a license that is not accepted.
 * Usage: `node tools/build.ts [FOLDER]`; the default folder is dist/.
 */
const root = new URL('..', import.meta.url).pathname
const outdir = process.argv[2] ?? `${root}dist`

/**
 * Imports of dependencies that svidwatch does not use. client-node only reads kubeconfigs and credentials here; its requests and
 * its typed API are not used. fastify has no schemas to compile (src/server/http.ts) and injects no requests. Traces do not say
 * which machine sends them, which OpenTelemetry would start programs to find out. Without these modules the bundle is half as
 * large, and the cluster role starts with 6 MB less memory and a quarter less CPU time (Node 24).
 * An import from them is undefined.
 */
const unused = [
  { imported: /^(undici|\.\/gen\/index\.js)$/, by: /\/@kubernetes\/client-node\// },
  { imported: /^(@fastify\/ajv-compiler|@fastify\/fast-json-stringify-compiler|light-my-request)$/, by: /\/fastify\// },
  { imported: /\/getMachineId\.mjs$/, by: /\/@opentelemetry\/resources\// },
]

const withoutUnused: Plugin = {
  name: 'without unused',
  setup(build) {
    for (const { imported, by } of unused)
      build.onResolve({ filter: imported }, ({ path, importer }) =>
        // A name that ends in .mjs would say that `module.exports` is not to be found in the module.
        by.test(importer) ? { path: path.replace(/\.mjs$/, ''), namespace: 'unused' } : undefined,
      )
    build.onLoad({ filter: /^/, namespace: 'unused' }, () => ({ contents: 'module.exports = {}' }))
  },
}

await rm(outdir, { recursive: true, force: true })
const { metafile } = await bundle({
  absWorkingDir: root,
  entryPoints: ['src/cli/main.ts'],
  outdir,
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  // Names are not shortened, for readable stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  // In files of their own: one character beyond ASCII in a comment doubles the memory that the text of the whole file takes.
  legalComments: 'linked',
  // CommonJS parts of dependencies load Node's own modules through require.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  sourcemap: true,
  metafile: true,
  plugins: [withoutUnused],
  logLevel: 'warning',
})
await writeFile(`${outdir}/THIRD-PARTY-LICENSES.txt`, await bundledLicenses(metafile, root))
