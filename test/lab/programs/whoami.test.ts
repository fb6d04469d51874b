// The lab's whoami: who is elevated, in words of three languages, in the layout of the real tool.
import { expect, test } from 'vitest';
import { languages } from '../../../src/lab/machine/releases.ts';
import { bareMachine, runLine } from '../run-line.ts';

function run(line: string, elevated: boolean, language: (typeof languages)[number] = 'en'): string {
  return runLine(bareMachine({ language }), line, elevated).stdout;
}

test.each(languages)('%s: administrators are elevated, users are not', (language) => {
  const elevated = run('whoami /groups /fo csv /nh', true, language).split('\r\n');
  const user = run('whoami /groups /fo csv /nh', false, language).split('\r\n');
  for (const row of [...elevated, ...user].filter((one) => one !== ''))
    expect(row).toMatch(/^"[^"]+","[^"]+","S-1-[\d-]+","[^"]*"$/);
  expect(elevated.filter((row) => /"S-1-(5-32-544|16-12288)"/.test(row))).toHaveLength(2);
  expect(user.filter((row) => /"S-1-(5-32-544|16-12288)"/.test(row))).toHaveLength(0);
});

test('with heads, without flags, and with flags it does not know', () => {
  expect(run('whoami /groups /fo csv', true)).toMatch(/^"Group Name","Type","SID","Attributes"\r\n"Everyone"/);
  expect(run('whoami /groups /fo csv', true, 'de')).toMatch(/^"Gruppenname",[^]*Administratoren/);
  expect([run('whoami', true), run('whoami', false)]).toEqual(['corp\\administrator\r\n', 'corp\\operator\r\n']);
  expect(run('whoami /priv', true)).toBe('');
});
