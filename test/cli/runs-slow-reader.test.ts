// `runs show` of a long journal into a pipe whose reader is slow: of the journal no more is read than its reader has taken.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { showRun } from '../../src/cli/commands/runs/show-runs.ts';
import type { World } from '../../src/cli/compose.ts';
import { createFileState } from '../../src/cli/state/file-state.ts';
import { runStarted } from '../journal/events.ts';
import { memoryClock } from '../support/memory-clock.ts';

let directory: string;
const run = runStarted.run;
const count = 300;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'fencepost-slow-'));
  const journal = await createFileState(directory).runs.createRun(run, ['{}']);
  const events = Array.from({ length: count }, (_, n) => ({
    at: runStarted.at,
    type: 'run-stopping' as const,
    reason: `${n} ${'x'.repeat(10_000)}`,
  }));
  await Promise.all([runStarted, ...events].map((event) => journal.append(event)));
  await journal.close();
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

test.each([true, false])('waits for its reader between two parts, with --json: %s', async (json) => {
  const state = createFileState(directory);
  const seen = { read: 0, mostUnwritten: 0 };
  let text = '';
  let isTaking = false;
  const world = {
    state,
    clock: memoryClock(),
    store: {
      ...state.runs,
      readRun: (name: string, visit: (event: never, digest: string) => void, rest?: () => Promise<void>) =>
        state.runs.readRun(
          name,
          (event, digest) => {
            // Nothing is read while the reader takes what it was given.
            expect(isTaking).toBe(false);
            seen.read += 1;
            visit(event as never, digest);
          },
          rest,
        ),
    },
    out: (part: string) => void (text += part),
    async outParts(parts: Iterable<string>) {
      for (const part of parts) {
        seen.mostUnwritten = Math.max(seen.mostUnwritten, part.length);
        isTaking = true;
        await new Promise((resolve) => setTimeout(resolve, 5));
        isTaking = false;
        text += part;
      }
    },
    say: () => undefined,
  };
  await showRun(run, json, world as unknown as World);
  // Once for the status, once to show it.
  expect(seen.read).toBe(2 * (count + 1));
  expect(text.length).toBeGreaterThan(count * 10_000);
  // A part of the file, and what its last record has beyond it; the end of the text says once more why the run stopped.
  expect(seen.mostUnwritten).toBeLessThan(400_000);
  if (json) expect((JSON.parse(text) as { events: unknown[] }).events).toHaveLength(count + 1);
});
