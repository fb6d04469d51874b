// What else a server prints, or has lying about, must neither keep a change from being made nor pass for one.
import { expect, test } from 'vitest';
import { memoryFleet, memoryMachine, essenceOf } from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { applyMemory, planMemory, rollBackMemory } from '../support/memory-run.ts';
import type { Quirks } from '../../src/lab/machine/quirks.ts';

const worlds: readonly { readonly what: string; readonly quirks: Partial<Quirks> }[] = [
  { what: 'a cmd AutoRun with a banner', quirks: { cmdAutoRun: 'echo Property of CORP. & echo   9933  9955  *' } },
  { what: 'a cmd AutoRun with chcp', quirks: { cmdAutoRun: 'chcp 437' } },
  { what: 'a cmd AutoRun that prints the line itself', quirks: { cmdAutoRun: 'echo %cmdcmdline%' } },
  { what: 'a helper DLL that cannot be loaded', quirks: { netshNoise: 'helper-dll' } },
  { what: 'helper DLLs that fail with numbers', quirks: { netshNoise: 'helper-error' } },
  {
    what: 'the same around a blank persistent table',
    quirks: { netshNoise: 'helper-error', persistentShowWhenEmpty: 'blank' },
  },
  { what: 'the notice about netsh', quirks: { netshNoise: 'notice' } },
  { what: 'scripts that bear the names of programs', quirks: { scriptsInFolder: ['cmd', 'netsh', 'sc', 'netstat'] } },
];

test.each(worlds)('$what: apply, plan again: fine; roll back: as it was', async ({ quirks }) => {
  const machines = [
    memoryMachine('ex01', { imap: 'running', pop: 'running' }, quirks),
    memoryMachine('ex02', { language: 'fr' }, { ...quirks, oneList: false }),
  ];
  const before = machines.map(essenceOf);
  const fleet = memoryFleet(machines);
  const plan = await planMemory(fleet);
  expect(plan.hosts.map((one) => one.state)).toEqual(['changes', 'changes']);
  const isNoisy = (quirks.netshNoise ?? 'none') !== 'none';
  for (const { findings } of plan.hosts) {
    const told = findings.flatMap((one) => (one.code === 'unexpected-lines' ? [one.severity] : []));
    expect(told).toEqual(isNoisy ? ['warning'] : []);
  }
  const journal = memoryJournal();
  const verdicts = await applyMemory(fleet, plan, { journal });
  expect(verdicts.map((one) => one.verdict)).toEqual(['changed', 'changed']);
  for (const { exclusions } of machines) {
    const rows = exclusions.tcp.ipv4.persistent.map(({ range }) => range.firstPort);
    expect(rows).toEqual(expect.arrayContaining([9933, 9955]));
  }
  const again = await planMemory(fleet);
  expect(again.hosts.map((one) => one.state)).toEqual(['ok', 'ok']);

  const back = await rollBackMemory(fleet, journal.events, { journal: memoryJournal() });
  expect(back.verdicts.map((one) => one.verdict)).toEqual(['changed', 'changed']);
  expect(machines.map(essenceOf)).toEqual(before);
});

test('what is shown and journaled is the plain line; what is sent names the files', async () => {
  const fleet = memoryFleet([memoryMachine('ex01')]);
  const journal = memoryJournal();
  await applyMemory(fleet, await planMemory(fleet), { journal });
  const shown = journal.events.flatMap((one) => (one.type === 'command-planned' ? [one.line] : []));
  expect(shown).not.toEqual([]);
  for (const line of shown) expect(line).toMatch(/^netsh interface /);
  const sent = fleet.requests.flatMap(({ kind, line }) => (kind === 'connect' ? [] : [line]));
  for (const line of sent) expect(line).toMatch(/^%SystemRoot%\\System32\\cmd\.exe \/d /);
  const nonces = sent.map((line) => /#fencepost:(\w+):0:/.exec(line)?.[1]);
  expect(new Set(nonces).size).toBe(sent.length);
});
