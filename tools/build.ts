import { rm } from 'node:fs/promises'
import { build as bundle, type Plugin } from 'esbuild'

/**
 * Bundles the program for production: one file for each lazily loaded part, nothing to install beside Node.
 * `node tools/build.ts [FOLDER]`; without a folder, dist/.
 */
const root = new URL('..', import.meta.url).pathname
const outdir = process.argv[2] ?? `${root}dist`

/**
 * What dependencies name and svidwatch has no use for: client-node only reads kubeconfigs and credentials here, its requests
 * and its typed API are not used; fastify has no schemas to compile (src/server/http.ts), and injects no requests. Without it
 * the bundle is half as large, and the cluster role starts with 6 MB and a quarter of the CPU time less (Node 24). Whatever
 * would be taken from it is undefined.
 */
const unused = [
  { imported: /^(undici|\.\/gen\/index\.js)$/, by: /\/@kubernetes\/client-node\// },
  { imported: /^(@fastify\/ajv-compiler|@fastify\/fast-json-stringify-compiler|light-my-request)$/, by: /\/fastify\// },
]

const withoutUnused: Plugin = {
  name: 'without unused',
  setup(build) {
    for (const { imported, by } of unused)
      build.onResolve({ filter: imported }, ({ path, importer }) =>
        by.test(importer) ? { path, namespace: 'unused' } : undefined,
      )
    build.onLoad({ filter: /^/, namespace: 'unused' }, () => ({ contents: 'module.exports = {}' }))
  },
}

await rm(outdir, { recursive: true, force: true })
await bundle({
  absWorkingDir: root,
  entryPoints: ['src/cli/main.ts'],
  outdir,
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  // Names stay, for stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  // Beside the code: one letter beyond ASCII in a comment doubles what the text of a whole file takes in memory.
  legalComments: 'linked',
  // CommonJS parts of dependencies ask for Node's own modules through require.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  sourcemap: true,
  plugins: [withoutUnused],
  logLevel: 'warning',
})
