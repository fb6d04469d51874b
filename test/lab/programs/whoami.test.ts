// The lab's whoami: who is elevated, in words of three languages, in the layout of the real tool.
import { expect, test } from 'vitest';
import { languages } from '../../../src/lab/machine/releases.ts';
import { bareMachine, runLine } from '../run-line.ts';

function run(line: string, elevated: boolean, language: (typeof languages)[number] = 'en'): string {
  return runLine(bareMachine({ language }), line, elevated).stdout;
}

test.each(languages)('%s: an administrator, one that UAC has filtered, and a plain account', (language) => {
  const rows = {
    administrator: run('whoami /groups /fo csv /nh', true, language),
    filtered: runLine(bareMachine({ language, rights: 'filtered' }), 'whoami /groups /fo csv /nh', false).stdout,
    user: runLine(bareMachine({ language, rights: 'user' }), 'whoami /groups /fo csv /nh', false).stdout,
  };
  const telling = Object.entries(rows).map(([who, text]) => {
    const lines = text.split('\r\n').filter((one) => one !== '');
    for (const line of lines) expect(line).toMatch(/^"[^"]+","[^"]+","S-1-[\d-]+","[^"]*"$/);
    return [who, ...lines.flatMap((line) => /S-1-(?:5-32-544|16-\d+)/.exec(line) ?? [])];
  });
  expect(telling).toEqual([
    ['administrator', 'S-1-5-32-544', 'S-1-16-12288'],
    ['filtered', 'S-1-5-32-544', 'S-1-16-8192'],
    // As recorded: high integrity without Administrators.
    ['user', 'S-1-16-12288'],
  ]);
});

test('with heads, without flags, and with flags it does not know', () => {
  expect(run('whoami /groups /fo csv', true)).toMatch(/^"Group Name","Type","SID","Attributes"\r\n"Everyone"/);
  expect(run('whoami /groups /fo csv', true, 'de')).toMatch(/^"Gruppenname",[^]*Administratoren/);
  expect([run('whoami', true), run('whoami', false)]).toEqual(['corp\\administrator\r\n', 'corp\\operator\r\n']);
  expect(run('whoami /priv', true)).toBe('');
});
