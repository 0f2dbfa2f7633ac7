import { defineConfig } from 'vitest/config'

/** A busy machine takes longer than a hook has by default, ms. */
const hookTimeout = 60_000

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 30_000, hookTimeout } },
      { test: { name: 'fuzz', include: ['test/fuzz/**/*.test.ts'], testTimeout: 300_000, hookTimeout } },
      { test: { name: 'rules', include: ['test/rules/**/*.test.ts'], testTimeout: 300_000, hookTimeout } },
      { test: { name: 'chart', include: ['test/chart/**/*.test.ts'], testTimeout: 300_000, hookTimeout } },
      { test: { name: 'problems', include: ['test/problems/**/*.test.ts'], testTimeout: 300_000, hookTimeout } },
      {
        test: { name: 'abuse', include: ['test/abuse/**/*.test.ts'], testTimeout: 3_600_000, hookTimeout: 300_000 },
      },
      { test: { name: 'faults', include: ['test/faults/**/*.test.ts'], testTimeout: 3_600_000, hookTimeout } },
      {
        test: {
          name: 'notifications',
          include: ['test/notifications/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 60_000,
          // The tests wait for real time, not for the processor, so that no file needs to wait for another.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: { name: 'traces', include: ['test/traces/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 900_000 },
      },
      { test: { name: 'spire', include: ['test/spire/**/*.test.ts'], testTimeout: 900_000, hookTimeout: 300_000 } },
      { test: { name: 'paging', include: ['test/paging/**/*.test.ts'], testTimeout: 300_000, hookTimeout } },
      {
        test: {
          name: 'dashboards',
          include: ['test/dashboards/**/*.test.ts', 'test/unit/dashboards/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 320_000,
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['test/cluster/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 900_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
})
