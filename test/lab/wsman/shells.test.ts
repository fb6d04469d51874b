// Shells as the service keeps them: quotas, ids, idle time.
import { expect, test } from 'vitest';
import { createShellTable } from '../../../src/lab/wsman/shells.ts';
import type { OpenShell, ShellOptions, ShellTable } from '../../../src/lab/wsman/shells.ts';
import { manualClock } from '../manual-clock.ts';

const options: ShellOptions = {
  owner: 'LAB\\operator',
  clientAddress: '127.0.0.1',
  codePage: 65001,
  idleTimeoutMs: 60_000,
  workingDirectory: null,
  inputStreams: 'stdin',
  outputStreams: 'stdout stderr',
  environment: [],
};

function table(quotas = { maxShellsPerUser: 3, maxOperationsPerUser: 4 }) {
  const clock = manualClock();
  let count = 0;
  const shells = createShellTable(quotas, clock, () => `ABCD-${String((count += 1))}`);
  return { clock, shells };
}

function made(shells: ShellTable, differences: Partial<ShellOptions> = {}): OpenShell {
  const shell = shells.create({ ...options, ...differences });
  if (shell === null) throw new Error('expected a shell');
  return shell;
}

test('a user gets as many shells as the quota allows, and one more after a delete; another user is not concerned', () => {
  const { shells } = table();
  const first = made(shells);
  made(shells);
  made(shells);
  expect(shells.create(options)).toBeNull();
  expect(shells.create({ ...options, owner: 'LAB\\other' })).not.toBeNull();
  shells.delete(first);
  expect(shells.create(options)).not.toBeNull();
});

test('ids compare without regard to case', () => {
  const { shells } = table();
  const shell = made(shells);
  expect(shells.find(shell.id.toLowerCase())).toBe(shell);
  expect(shells.find('ABCD-99')).toBeNull();
});

test('a shell that idles for longer than its time is gone, with its place in the quota', async () => {
  const { clock, shells } = table({ maxShellsPerUser: 1, maxOperationsPerUser: 9 });
  const shell = made(shells);
  await clock.advance(60_000);
  expect(shells.find(shell.id)).toBe(shell);
  await clock.advance(60_001);
  expect(shells.create(options)).not.toBeNull();
  expect(shells.find(shell.id)).toBeNull();
  expect(clock.pending).toBe(0);
});

test('a shell in which a Receive waits does not idle', async () => {
  const { clock, shells } = table();
  const shell = made(shells);
  const command = shells.start(shell, 'ping', null);
  if (command === null || command === 'taken') throw new Error('expected a command');
  const waiting = command.output.receive(90_000, 1000);
  await clock.advance(70_000);
  expect(shells.find(shell.id)).toBe(shell);
  await clock.advance(20_000);
  expect(await waiting).toEqual({ kind: 'timed-out' });
});

test('operations are counted until their shell is gone, whatever became of the commands', () => {
  const { shells } = table();
  const shell = made(shells);
  for (let index = 0; index < 4; index += 1) expect(shells.start(shell, 'ver', null)).not.toBeNull();
  shell.commands.clear();
  expect(shells.start(shell, 'ver', null)).toBeNull();
  shells.delete(shell);
  expect(shells.start(made(shells), 'ver', null)).not.toBeNull();
});

test("a client's own command id is taken, in upper case, and refused the second time", () => {
  const { shells } = table();
  const shell = made(shells);
  expect(shells.start(shell, 'ver', 'abc-1')).toMatchObject({ id: 'ABC-1', line: 'ver' });
  expect(shells.start(shell, 'ver', 'ABC-1')).toBe('taken');
});

test('deleting a shell, or all, aborts what waits in it', async () => {
  const { shells } = table();
  const shell = made(shells);
  const command = shells.start(shell, 'ping', null);
  if (command === null || command === 'taken') throw new Error('expected a command');
  const waiting = command.output.receive(1000, 1000);
  shells.deleteAll();
  expect(await waiting).toEqual({ kind: 'aborted' });
  expect(shells.count).toBe(0);
});
