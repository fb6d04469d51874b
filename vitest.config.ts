import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import SlowestFirst from './test/support/slowest-first.ts';

const reporters = ['default', './test/support/count-reporter.ts'];

/** Tests that start dist/ as processes of their own. All others import src/ and need no build. */
const commands = [
  'test/{cli,crash,chaos}/**/*.test.ts',
  'test/docs.test.ts',
  'test/pictures/pictures.test.ts',
  'test/journal/{lock,store}.test.ts',
  'test/winrm/readme.test.ts',
];

export default defineConfig({
  test: {
    reporters,
    sequence: { sequencer: SlowestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          setupFiles: ['test/support/same-seed.ts'],
          // One more than there are cores: some wait for what a server does not say.
          maxWorkers: availableParallelism() + 1,
          include: ['test/**/*.test.ts'],
          exclude: [...commands, 'test/interop/**'],
          // Pure tests share nothing they could spoil: no module is mocked and no global is set. A third of the CPU.
          isolate: false,
          // Limits are for a hang: whole commands run beside these and go first.
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'commands',
          setupFiles: ['test/support/same-seed.ts'],
          // More than there are cores: these tests mostly wait for what they started. `npm test` runs them beside the unit tests; in one run of
          // Vitest they come after them, for there both would have the same number of workers.
          sequence: { groupOrder: 1 },
          maxWorkers: 2 * availableParallelism(),
          include: commands,
          globalSetup: ['test/support/build.ts'],
          // What a test starts it ends itself; the process that carries out commands (support/cli.ts) serves more than one file.
          isolate: false,
          // A busy machine may take seconds for each process; no test has a shorter limit of its own (test/architecture.test.ts).
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'interop',
          setupFiles: ['test/support/same-seed.ts'],
          include: ['test/interop/**/*.test.ts'],
          // More beside each other than there are cores: each has its servers, ports and folders to itself, or makes them once for all, and
          // waits for them half of the time.
          maxWorkers: 2 * availableParallelism(),
          globalSetup: ['test/support/build.ts', 'test/interop/support/shared/shared-folder.ts'],
          testTimeout: 600_000,
          // Limits are for a hang. One file waits in its hooks for what another makes, on a machine that may be busy.
          hookTimeout: 900_000,
        },
      },
    ],
  },
});
