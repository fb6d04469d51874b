// The bench asks others what collect really asks: its own command line goes in, taken from a collect over a session that only listens.
import { expect, test } from 'vitest';
import { collectFacts } from '../../src/facts/collect.ts';
import type { RecordedAnswer } from '../../src/facts/collect.ts';
import { portRange } from '../../src/model/port-range.ts';
import type { Session } from '../../src/model/seams.ts';
import { memoryClock } from '../support/memory-clock.ts';
import { inPowerShell, lastMark, questionsOf, wholeInPowerShell } from './questions.ts';

async function collected(): Promise<{ readonly commandLine: string; readonly answers: readonly RecordedAnswer[] }> {
  let commandLine = '';
  const never = (): Promise<never> => Promise.reject(new Error('not asked here'));
  const session: Session = {
    ask(line) {
      commandLine = line;
      const marks = [...line.matchAll(/#fencepost:\w+:\d+:/g)].map((mark) => `${mark[0]}0#\r\n`);
      return Promise.resolve({ stdout: marks.join(''), stderr: '', exitCode: 0 });
    },
    change: never,
    list: never,
    endLeft: () => Promise.resolve(),
    newNonce: () => '0123456789ab',
    close: never,
  };
  const request = {
    ranges: [{ range: portRange(9933), protocol: 'tcp' }],
    services: ['MSExchangeIMAP4BE', 'MSExchangePOP3BE'],
    protocols: ['tcp'],
  } as const;
  const { answers } = await collectFacts(session, request, memoryClock());
  return { commandLine, answers };
}

test('each question of collect is found, and can be asked of PowerShell', async () => {
  const { commandLine, answers } = await collected();
  expect(questionsOf(commandLine)).toEqual(answers.map((one) => one.line));
  expect(lastMark(commandLine)).toBe(`#fencepost:0123456789ab:${String(answers.length)}:`);
  expect(questionsOf(commandLine).map(inPowerShell)).toEqual(
    expect.arrayContaining(['cmd /c ver', 'sc.exe queryex MSExchangePOP3BE', 'tasklist /svc /fo csv /nh']),
  );
  expect(wholeInPowerShell(commandLine)).toBe(commandLine.replace('%SystemRoot%\\System32\\cmd.exe /d', 'cmd --% /d'));
});

test('a program that is new to collect is not passed over', () => {
  expect(() => inPowerShell('wmic os get version')).toThrow('collect asks "wmic os get version"');
});

const call = '%SystemRoot%\\System32\\cmd.exe /d /v:on /s /c';
const mark = (number: number): string => `echo #fencepost:0123456789ab:${number}:!errorlevel!#`;

test.each([
  '',
  'ver',
  `${call} ""`,
  `${call} "ver"`,
  `${call} "${mark(0)}"`,
  `${call} "ver & ${mark(1)}"`,
  `${call} "${mark(0)} & ver & ${mark(2)}"`,
  `${call} "${mark(0)} & ver & ${mark(1)} & netsh"`,
  `cmd /d /v:on /s /c "${mark(0)} & ver & ${mark(1)}"`,
])('a line of another form is refused: %s', (line) => {
  expect(() => questionsOf(line)).toThrow('unknown form');
});
