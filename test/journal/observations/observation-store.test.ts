// Histories on a real disk: two writers at once lose nothing, a damaged file is set aside and said, what is old goes, and reading writes nothing.
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLocks } from '../../../src/journal/lock.ts';
import { createObservationStore } from '../../../src/journal/observations/observation-store.ts';
import type { HostObservation, Observation } from '../../../src/model/observations/observation.ts';
import { failureOf } from '../../support/failure-of.ts';
import { at, drifted, seen } from '../../model/observations/some-observations.ts';

const limits = { now: at('10T00:00'), keepMs: 400 * 86_400_000 };
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fencepost-history-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const locks = () =>
  createLocks({ directory, run: 'history', user: 'ops', now: () => limits.now, onTakeover: () => undefined });
// Long enough for a disk that is busy with other tests.
const open = () => createObservationStore(directory, locks(), () => sleep(100));
const look = (host: string, observation: Observation): HostObservation => ({
  host,
  endpoint: '10.0.0.1:5985',
  desired: 'd',
  playbook: 'ports',
  observation,
});
const files = async () => (await readdir(join(directory, 'history'))).sort();

test('what was added is there for the next process; a name elsewhere, or under other desires, is another history', async () => {
  await open().add([look('ex01', seen('01T02:00')), look('EX01', seen('01T02:00'))], limits);
  await open().add([look('ex01', seen('02T02:00')), { ...look('ex01', seen('02T02:00')), endpoint: 'b:5986' }], limits);
  await open().add([{ ...look('ex01', seen('03T02:00', drifted)), desired: 'other' }], limits);
  const { histories, damaged } = await open().read();
  expect(damaged).toEqual([]);
  expect(histories.map((one) => [one.host, one.endpoint, one.desired, one.spans[0]?.times]).toSorted()).toEqual([
    ['EX01', '10.0.0.1:5985', 'd', 1],
    ['ex01', '10.0.0.1:5985', 'd', 2],
    ['ex01', '10.0.0.1:5985', 'other', 1],
    ['ex01', 'b:5986', 'd', 1],
  ]);
});

test('writers at once wait for each other: no look is lost', async () => {
  const days = Array.from({ length: 8 }, (_, index) => `0${String(index + 1)}T02:00`);
  await Promise.all(
    days.map((day) => open().add([look(`ex-${day}`, seen(day)), look('ex01', seen('09T02:00'))], limits)),
  );
  const { histories } = await open().read();
  expect(histories).toHaveLength(9);
  expect(await readdir(join(directory, 'locks'))).toEqual([]);
});

test('a writer that does not end is not waited for without end, and nothing is written past it', async () => {
  const held = await locks().acquire({ key: 'history', label: 'x' });
  const failure = await failureOf(open().add([look('ex01', seen('01T02:00'))], limits));
  expect(failure.code).toBe('run/host-locked');
  expect(await files()).toEqual([]);
  await held.release();
});

test.each<[string, (text: string) => string]>([
  ['cut', (text) => text.slice(0, -20)],
  ['empty', () => ''],
  ['altered', (text) => text.replace('"times":1', '"times":9')],
  ['of another form', () => '{"format":"fencepost-host-history","version":2}\n'],
])('a file that was %s is told of, set aside as it is, and a new one started', async (_, damage) => {
  await open().add([look('ex01', seen('01T02:00')), look('ex02', seen('01T02:00'))], limits);
  const [name = ''] = await files();
  const file = join(directory, 'history', name);
  const broken = damage(await readFile(file, 'utf8'));
  await writeFile(file, broken);
  const before = await files();

  const read = await open().read();
  expect([read.damaged, read.histories.map((one) => one.host)]).toEqual([[file], ['ex02']]);
  expect(await files()).toEqual(before);

  const [aside = ''] = await open().add([look('ex01', seen('02T02:00', drifted))], limits);
  expect(await readFile(aside, 'utf8')).toBe(broken);
  const after = await open().read();
  expect(after.damaged).toEqual([]);
  expect(after.histories.map((one) => [one.host, one.spans.length])).toEqual([
    ['ex01', 1],
    ['ex02', 1],
  ]);
});

test('a host that nobody looked at for too long goes, with what a dead process left unfinished', async () => {
  await open().add([look('gone', seen('01T02:00'))], limits);
  const [name = ''] = await files();
  const old = new Date(Date.parse(limits.now) - limits.keepMs - 1000);
  await utimes(join(directory, 'history', name), old, old);
  await writeFile(join(directory, 'history', `${name}.abc.tmp`), 'half');
  await open().add([look('ex01', seen('02T02:00'))], limits);
  expect((await open().read()).histories.map((one) => one.host)).toEqual(['ex01']);
  expect(await files()).toHaveLength(1);
});

test('a file that cannot be read now is not taken for damaged: it stays where it is, and nothing is written', async () => {
  await open().add([look('ex01', seen('01T02:00'))], limits);
  const before = await files();
  const file = join(directory, 'history', before[0] ?? '');
  await rm(file);
  await mkdir(file);
  const failure = await failureOf(open().add([look('ex01', seen('02T02:00'))], limits));
  expect([failure.code, failure.message]).toEqual(['journal/unwritable', expect.stringContaining('EISDIR')]);
  expect(await files()).toEqual(before);
});

test('a folder that cannot be listed is told, and not taken for an empty one', async () => {
  await writeFile(join(directory, 'history'), 'a file');
  expect((await failureOf(open().read())).code).toBe('run/unknown');
});

test('where nothing can be written it says so, and reading what is not there is no error', async () => {
  expect(await open().read()).toEqual({ histories: [], damaged: [] });
  await writeFile(join(directory, 'history'), 'a file');
  const failure = await failureOf(open().add([look('ex01', seen('01T02:00'))], limits));
  expect(failure.code).toBe('journal/unwritable');
});
