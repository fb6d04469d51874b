// netsh's tables and the registry as two witnesses of what is permanent: either suffices, and where there is none that is said.
import { describe, expect, test } from 'vitest';
import { exclusionQuestions, readTables } from '../../src/facts/exclusion-tables.ts';
import { isPersistentShown, type ExclusionTable, type Family, type Store } from '../../src/model/host-state.ts';
import { portRange } from '../../src/model/port-range.ts';
import { judgeReservation } from '../../src/model/rules/reservation.ts';
import { findPresence } from '../../src/windows/verdict.ts';

type Rows = Readonly<Partial<Record<`${Family} ${Store}`, readonly number[] | 'blank' | 'conflict'>>>;
type Registry = readonly number[] | 'missing' | 'other form';

function tableText(ports: readonly number[] | 'blank' | 'conflict'): string {
  if (ports === 'blank') return '\r\n';
  if (ports === 'conflict') return 'words\r\n';
  const rows = ports.map((port) => `${String(port).padStart(10)}${String(port).padStart(12)}     *`);
  return ['', 'T', '', 'A B', '----------    --------', ...rows, '', '* - words.', ''].join('\r\n');
}

function registryText(ports: Registry): string {
  if (ports === 'missing') return 'ERROR\r\n';
  if (ports === 'other form') return '    9933    REG_SZ    1\r\n';
  return ports.map((port) => `    ${port.toString(16).padStart(4, '0')}0100    REG_BINARY    1200FFFF\r\n`).join('');
}

function read(rows: Rows, registry: Registry): readonly ExclusionTable[] {
  const questions = exclusionQuestions(['tcp']);
  const parts = questions.map((one) => {
    if (one.kind === 'registry') return { text: registryText(registry), exitCode: registry === 'missing' ? 1 : 0 };
    const table = rows[`${one.family} ${one.store}`] ?? [];
    return { text: tableText(table), exitCode: table === 'conflict' ? 1 : 0 };
  });
  return readTables(questions, parts, null).tables;
}

const inForce = { 'ipv4 active': [9933], 'ipv6 active': [9933] } as const;
const blank = { 'ipv4 persistent': 'blank', 'ipv6 persistent': 'blank' } as const;

describe('what is permanent', () => {
  test.each<readonly [string, Rows, Registry, string, string]>([
    [
      'netsh shows it',
      { ...inForce, 'ipv4 persistent': [9933], 'ipv6 persistent': [9933] },
      'missing',
      'reserved',
      'reserved',
    ],
    ['the registry shows it where netsh prints nothing', { ...inForce, ...blank }, [9933], 'reserved', 'reserved'],
    ['the registry shows it where netsh prints a frame without rows', inForce, [9933], 'reserved', 'reserved'],
    ['both deny it', { ...inForce, ...blank }, [], 'active-only', 'active-only'],
    ['the registry has another range only', { ...inForce, ...blank }, [9955], 'active-only', 'active-only'],
    ['the registry shows it, and it is in force nowhere', blank, [9933], 'persistent-only', 'persistent-only'],
    [
      'it is in force on one family, which the entry is about',
      { ...blank, 'ipv6 active': [9933] },
      [9933],
      'not-reserved',
      'reserved',
    ],
    [
      'netsh shows other ranges: it shows all',
      { ...inForce, 'ipv4 persistent': [50_000] },
      [9933],
      'active-only',
      'active-only',
    ],
    ['no witness', { ...inForce, ...blank }, 'missing', 'not-shown', 'not-shown'],
    ['a registry of another form is no witness', inForce, 'other form', 'not-shown', 'not-shown'],
    ['no witness, and nothing is in force', blank, 'missing', 'not-reserved', 'not-reserved'],
    [
      'a table that netsh refuses is no table',
      { ...inForce, 'ipv4 persistent': 'conflict' },
      [9933],
      'not-read',
      'reserved',
    ],
  ])('%s', (_, rows, registry, ipv4, ipv6) => {
    const state = { exclusionTables: read(rows, registry), dynamicRanges: [] };
    const judge = (family: Family): string => judgeReservation(state, family, 'tcp', portRange(9933)).state;
    expect([judge('ipv4'), judge('ipv6')]).toEqual([ipv4, ipv6]);
  });

  test('is said to be shown by the registry, or by nobody', () => {
    const witnesses = (registry: Registry) =>
      read({ ...inForce, ...blank }, registry).map((one) => one.witness ?? null);
    expect(witnesses([9933])).toEqual([null, 'registry', null, 'registry']);
    expect(witnesses('missing')).toEqual([null, 'none', null, 'none']);
    expect(witnesses([])).toEqual([null, null, null, null]);
    const state = { exclusionTables: read({ ...inForce, ...blank }, 'missing'), dynamicRanges: [] };
    expect(isPersistentShown(state, 'ipv4', 'tcp')).toBe(false);
    // Rows that nobody shows are no rows; whether that means anything, isPersistentShown tells.
    expect(findPresence(state, 'ipv4', 'tcp', portRange(9933))).toEqual({ active: true, persistent: false });
  });
});
