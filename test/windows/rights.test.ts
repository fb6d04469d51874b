// Reading `whoami /groups /fo csv /nh`: SIDs only, whatever the language; anything that is not such a table is a problem, not a guess.
import { describe, expect, test } from 'vitest';
import { readRights } from '../../src/windows/rights.ts';

const everyone = '"Everyone","Well-known group","S-1-1-0","Mandatory group, Enabled by default, Enabled group"';
const administrators = '"BUILTIN\\Administrators","Alias","S-1-5-32-544","Mandatory group, Enabled group, Group owner"';
const denied = '"BUILTIN\\Administrators","Alias","S-1-5-32-544","Group used for deny only"';
const high = '"Mandatory Label\\High Mandatory Level","Label","S-1-16-12288",""';
const medium = '"Mandatory Label\\Medium Mandatory Level","Label","S-1-16-8192",""';
const text = (...rows: readonly string[]): string => rows.map((row) => `${row}\r\n`).join('');

describe('rights', () => {
  test.each([
    { what: 'an administrator', rows: [everyone, administrators, high], rights: 'administrator' },
    { what: 'one that UAC has filtered', rows: [everyone, denied, medium], rights: 'filtered' },
    { what: 'a user', rows: [everyone, medium], rights: 'plain' },
    // console-samples/whoami-groups-en-1-nonadmin-over-winrm
    { what: 'a user, as a network logon shows it', rows: [everyone, high], rights: 'plain' },
    {
      what: 'the system',
      rows: [administrators, '"Mandatory Label\\System","Label","S-1-16-16384",""'],
      rights: 'administrator',
    },
    {
      what: 'Chinese words, a quote in a name, an account without one',
      rows: [
        '"内置\\管理员""","别名","S-1-5-32-544","强制组, 启用的组"',
        '" ","未知 SID 类型","S-1-5-21-1-2-3-1104","强制组"',
        '"Mandatory Label\\高强制级别","标签","S-1-16-12288",""',
      ],
      rights: 'administrator',
    },
    {
      what: 'a group whose SID only begins alike',
      rows: ['"x","Alias","S-1-5-32-5440","y"', medium],
      rights: 'plain',
    },
  ])('$what', ({ rows, rights }) => {
    expect(readRights(text(...rows), 0)).toEqual({ value: rights });
  });

  test.each([
    { what: 'no table', given: 'corp\\administrator\r\n', exitCode: 0, says: /one integrity level/ },
    { what: 'an error', given: 'ERROR: Invalid argument/option.\r\n', exitCode: 1, says: /exit code 1/ },
    { what: 'nothing', given: '', exitCode: 0, says: /one integrity level/ },
    { what: 'no level', given: text(everyone, administrators), exitCode: 0, says: /one integrity level .* got 0/ },
    { what: 'two levels', given: text(high, medium), exitCode: 0, says: /got 2/ },
    { what: 'a row cut short', given: text(everyone) + '"BUILTIN\\Adm', exitCode: 0, says: /line 2/ },
  ])('$what is a problem', ({ given, exitCode, says }) => {
    expect(readRights(given, exitCode)).toMatchObject({ problem: expect.stringMatching(says) as string });
  });
});
