import { prepareChart } from './prepareChart.ts'

/** Prepares the chart for a release. Usage: `node tools/release/prepare-chart.ts FOLDER VERSION REGISTRY REPOSITORY`. */
const [folder, version, registry, repository] = process.argv.slice(2)
if (folder === undefined || version === undefined || registry === undefined || repository === undefined)
  throw new Error('usage: node tools/release/prepare-chart.ts FOLDER VERSION REGISTRY REPOSITORY')
await prepareChart(folder, { version, registry, repository })
