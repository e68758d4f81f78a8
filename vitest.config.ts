import { defineConfig } from 'vitest/config';

// Suites by what they need. `unit` starts nothing; `targets` and `scenarios` start a real PostgreSQL; `beds` runs against
// implementations of AWS by others, which `npm run test:aws` starts; `live` against a real account (docs/live-test.md).
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/{targets,template,scenarios,faults,beds,live}/**'],
          // Most of the time of a file is its start: one process serves many. A test leaves nothing behind that another finds.
          isolate: false,
          maxWorkers: '100%',
          // What hangs is found by it; how fast a machine is must decide nothing.
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'targets',
          include: ['test/targets/**/*.test.ts'],
          maxWorkers: '100%',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'template',
          include: ['test/template/**/*.test.ts'],
          maxWorkers: '100%',
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          maxWorkers: '100%',
          testTimeout: 600_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'scenarios',
          include: ['test/scenarios/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 120_000,
          // Each has a folder, a server and ports of its own, and waits most of its time; more than two would wait for the machine.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'live',
          include: ['test/live/**/*.test.ts'],
          testTimeout: 3_600_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'beds',
          // Stories that wait side by side; more of them would wait for each other's cold starts.
          maxConcurrency: 12,
          include: ['test/beds/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
