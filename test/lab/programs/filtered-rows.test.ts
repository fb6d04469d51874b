// The questions whose rows are picked on the host, carried out by a findstr that misses the shorter of several texts where it may.
import { expect, test } from 'vitest';
import { readRights, showRights } from '../../../src/windows/rights.ts';
import { readSockets, showSockets } from '../../../src/windows/listeners.ts';
import { bareMachine, runLine } from '../run-line.ts';

test('whoami: the SID and the shorter beginning of another', () => {
  const { stdout, exitCode } = runLine(bareMachine(), showRights);
  expect(readRights(stdout, exitCode)).toEqual({ value: 'administrator' });
});

test('netstat: ports and the shorter 0 of whatever listens', () => {
  const { stdout } = runLine(bareMachine({ imap: 'running' }), showSockets([9955, 143]));
  const reading = readSockets(stdout);
  expect('value' in reading && reading.value.some((one) => one.localPort === 9933 && one.listening)).toBe(true);
});
