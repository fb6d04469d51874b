import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { families, protocols, stores } from '../../src/model/host-state.ts';
import { Failure } from '../../src/model/failure.ts';
import { portRange } from '../../src/model/port-range.ts';
import { showDynamicRange } from '../../src/windows/dynamic-ports.ts';
import { showExchange } from '../../src/windows/exchange.ts';
import { addExclusion, deleteExclusion, showExclusions } from '../../src/windows/excluded-ports.ts';
import { showSockets } from '../../src/windows/listeners.ts';
import { showProcesses } from '../../src/windows/processes.ts';
import { readScript, writeScript } from '../../src/windows/script.ts';
import { showServiceConfig, showServiceState, startService, stopService } from '../../src/windows/services.ts';
import { showVersion } from '../../src/windows/version.ts';

const everyLine: readonly string[] = [
  ...families.flatMap((family) =>
    protocols.flatMap((protocol) => [
      showDynamicRange(family, protocol),
      ...stores.flatMap((store) => [
        showExclusions(family, protocol, store),
        addExclusion(family, protocol, portRange(9933), store),
        deleteExclusion(family, protocol, portRange(9900, 100), store),
      ]),
    ]),
  ),
  showExchange,
  showProcesses,
  showVersion,
  showSockets([9933, 9955]),
  showSockets(Array.from({ length: 21 }, (_, index) => 9000 + index)),
  ...[showServiceState, showServiceConfig, startService, stopService].flatMap((write) => [
    write('MSExchangeIMAP4BE'),
    write('MSSQL$MAIL'),
    write('Some Service'),
  ]),
];

/** The text a shell sees outside of double quotes, which toggle for cmd whatever stands before them. */
function bare(line: string): string {
  return line
    .split('"')
    .filter((_, index) => index % 2 === 0)
    .join('');
}

/** What cmd makes of `/s /c "..."`: the first and last quote fall away; it then splits at `&` outside of quotes. */
function commandsOf(script: string): readonly string[] {
  const inner = /^cmd \/v:on \/s \/c "(.*)"$/.exec(script)?.[1] ?? '';
  const commands = [''];
  let quoted = false;
  for (const character of inner) {
    if (character === '"') quoted = !quoted;
    if (character === '&' && !quoted) commands.push('');
    else commands[commands.length - 1] = (commands.at(-1) ?? '') + character;
  }
  return commands.map((command) => command.trim());
}

describe('writeScript', () => {
  test('looks as it should', () => {
    expect(writeScript(['ver', 'tasklist /svc'])).toBe(
      'cmd /v:on /s /c "ver & echo #fencepost:1:!errorlevel!# & tasklist /svc & echo #fencepost:2:!errorlevel!#"',
    );
  });

  test('of any lines we write is one command for the shell around it, and those lines for the one inside', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...everyLine), { minLength: 1, maxLength: 30 }), (lines) => {
        const script = writeScript(lines);
        expect(bare(script)).not.toMatch(/[&|<>^()%!]/);
        expect(script.split('"').length % 2).toBe(1);
        const expected = lines.flatMap((line, index) => [line, `echo #fencepost:${index + 1}:!errorlevel!#`]);
        expect(commandsOf(script)).toEqual(expected);
      }),
    );
  });

  test.each([
    'echo %PATH%',
    'echo !x!',
    'echo a^b',
    'a & b',
    'a && b',
    'a > b',
    'a < b',
    'a (b)',
    'a\nb',
    'a\r\nb',
    'find "x',
    'find "x|y"',
    'find "x" | "',
    '| a',
    'a |',
    'a || b',
    'echo #fencepost:1:0#',
    'sc query ü',
    '',
    ' ',
    '"',
  ])('refuses %j', (line) => {
    expect(() => writeScript(['ver', line])).toThrow(Failure);
  });

  test('refuses more than cmd takes, at exactly 8191 characters', () => {
    const overhead = writeScript(['a']).length - 1;
    expect(writeScript(['a'.repeat(8191 - overhead)])).toHaveLength(8191);
    expect(() => writeScript(['a'.repeat(8192 - overhead)])).toThrow(
      expect.objectContaining({
        code: 'command/too-long',
        message: expect.stringContaining('8192') as string,
      }) as Error,
    );
  });
});

/** What the host prints: `echo` adds the blank before the `&` to its text, and a line end. */
function printed(parts: readonly { readonly text: string; readonly exitCode: number }[], lineEnd: string): string {
  return parts
    .map(({ text, exitCode }, index) => {
      const blank = index === parts.length - 1 ? '' : ' ';
      return `${text}#fencepost:${index + 1}:${exitCode | 0}#${blank}${lineEnd}`;
    })
    .join('');
}

describe('readScript', () => {
  const text = fc
    .array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('\r\n', '\n', '#', '#fencepost', ' ')))
    .map((pieces) => pieces.join('').replaceAll('#fencepost:', ''));
  const parts = fc.array(fc.record({ text, exitCode: fc.integer({ min: 0, max: 0xffffffff }) }), {
    minLength: 1,
    maxLength: 8,
  });
  const lineEnd = fc.constantFrom('\r\n', '\n', '\r\r\n');

  test('gives back every text to the letter, and every exit code unsigned', () => {
    fc.assert(
      fc.property(parts, lineEnd, (list, end) => {
        expect(readScript(printed(list, end), list.length)).toEqual({ parts: list });
      }),
    );
  });

  test('of an answer cut short anywhere before its last marker is whole is a problem', () => {
    fc.assert(
      fc.property(parts, lineEnd, fc.nat(), (list, end, pick) => {
        const whole = printed(list, end);
        const cut = whole.slice(0, pick % (whole.length - end.length));
        expect(readScript(cut, list.length)).toHaveProperty('problem');
      }),
    );
  });

  const three = [1, 2, 3].map((number) => ({ text: `answer ${number}\r\n`, exitCode: number - 2 }));
  const whole = printed(three, '\r\n');
  test.each([
    ['a marker missing', whole.replace('#fencepost:2:0#', '')],
    ['a marker twice', whole.replace('#fencepost:2:0#', '#fencepost:2:0##fencepost:2:0#')],
    [
      'markers swapped',
      whole.replace('#fencepost:2:', '#fencepost:x:').replace('#fencepost:3:', '#fencepost:2:').replace('x', '3'),
    ],
    ['one marker too many', `${whole}#fencepost:4:0#`],
    ['something after the end', `${whole}words`],
    ['an exit code not expanded', whole.replace('2:0#', '2:!errorlevel!#')],
    ['nothing at all', ''],
  ])('is a problem with %s', (_, stdout) => {
    expect(readScript(whole, 3)).toHaveProperty('parts.length', 3);
    expect(readScript(stdout, 3)).toHaveProperty('problem');
  });

  test('says where the answer breaks off', () => {
    expect(readScript(whole.slice(0, whole.indexOf('answer 3')), 3)).toEqual({
      problem: 'it ends before the end of answer 3 of 3',
    });
  });
});
