import { rm } from 'node:fs/promises'
import { build } from 'esbuild'

/** Bundles the program for production into dist/: one file for each lazily loaded part, nothing to install beside Node. */
const root = new URL('..', import.meta.url).pathname

await rm(`${root}dist`, { recursive: true, force: true })
await build({
  absWorkingDir: root,
  entryPoints: ['src/main.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  // CommonJS parts of dependencies ask for Node's own modules through require.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  sourcemap: true,
  logLevel: 'warning',
})
