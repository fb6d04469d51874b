import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { families, protocols, stores } from '../../../src/model/host-state.ts';
import { Failure } from '../../../src/model/failure.ts';
import { portRange } from '../../../src/model/port-range.ts';
import { showDynamicRange } from '../../../src/windows/dynamic-ports.ts';
import { showExchange } from '../../../src/windows/exchange.ts';
import { addExclusion, deleteExclusion, showExclusions } from '../../../src/windows/excluded-ports.ts';
import { showSockets } from '../../../src/windows/listeners.ts';
import { showProcesses } from '../../../src/windows/processes.ts';
import { prepareScript, readScript, writeScript } from '../../../src/windows/cmd/script.ts';
import { showServiceConfig, showServiceState, startService, stopService } from '../../../src/windows/services.ts';
import { showVersion } from '../../../src/windows/version.ts';
import { withPlainNames } from '../../support/plain-names.ts';

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
  const inner = /^%SystemRoot%\\System32\\cmd\.exe \/d \/v:on \/s \/c "(.*)"$/.exec(script)?.[1] ?? '';
  const commands = [''];
  let quoted = false;
  for (const character of inner) {
    if (character === '"') quoted = !quoted;
    if (character === '&' && !quoted) commands.push('');
    else commands[commands.length - 1] = (commands.at(-1) ?? '') + character;
  }
  return commands.map((command) => command.trim());
}

const nonce = '0123456789ab';

function scriptOf(lines: readonly string[]): string {
  return writeScript(prepareScript(lines), nonce).line;
}

/** As a person is shown a line. Every program bar cmd's own commands is named by its file. */
function shownCommand(command: string): string {
  if (/^(?:echo|ver)\b/.test(command)) return command;
  const [first = '', ...others] = command.split(' | ');
  for (const one of [first, ...others]) expect(one).toMatch(/^%SystemRoot%\\System32\\[a-z]+\.exe /);
  return withPlainNames(command);
}

describe('writeScript', () => {
  test('looks as it should', () => {
    expect(scriptOf(['ver', 'netstat -ano | findstr /c:":0 "'])).toBe(
      `%SystemRoot%\\System32\\cmd.exe /d /v:on /s /c "echo #fencepost:${nonce}:0:!errorlevel!# & ver & echo #fencepost:${nonce}:1:!errorlevel!# & %SystemRoot%\\System32\\netstat.exe -ano | %SystemRoot%\\System32\\findstr.exe /c:":0 " & echo #fencepost:${nonce}:2:!errorlevel!#"`,
    );
  });

  test('of any lines we write is one command for the shell around it, and those lines for the one inside', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...everyLine), { minLength: 1, maxLength: 30 }), (lines) => {
        const script = scriptOf(lines);
        expect(bare(script).replaceAll('%SystemRoot%', '')).not.toMatch(/[&|<>^()%!]/);
        expect(script.split('"').length % 2).toBe(1);
        const mark = (number: number): string => `echo #fencepost:${nonce}:${number}:!errorlevel!#`;
        const expected = [mark(0), ...lines.flatMap((line, index) => [line, mark(index + 1)])];
        expect(commandsOf(script).map(shownCommand)).toEqual(expected);
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
    // Who knows which file that is?
    'wmic os get version',
    'NETSH interface',
    'tasklist | more',
    'C:\\tools\\netsh.exe interface',
    'cmd /c ver',
    '',
    ' ',
    '"',
  ])('refuses %j', (line) => {
    expect(() => prepareScript(['ver', line])).toThrow(Failure);
  });

  test('refuses more than cmd takes, at exactly 8191 characters', () => {
    const lineOf = (letters: number): string => `reg query ${'a'.repeat(letters)}`;
    const overhead = scriptOf([lineOf(0)]).length;
    expect(scriptOf([lineOf(8191 - overhead)])).toHaveLength(8191);
    expect(() => prepareScript([lineOf(8192 - overhead)])).toThrow(
      expect.objectContaining({
        code: 'command/too-long',
        message: expect.stringContaining('8192') as string,
      }) as Error,
    );
  });
});

/** What the host prints: `echo` adds the blank before the `&` to its text, and a line end. */
function printed(parts: readonly { readonly text: string; readonly exitCode: number }[], lineEnd: string): string {
  const answers = parts.map(({ text, exitCode }, index) => {
    const blank = index === parts.length - 1 ? '' : ' ';
    return `${text}#fencepost:${nonce}:${index + 1}:${exitCode | 0}#${blank}${lineEnd}`;
  });
  return [`#fencepost:${nonce}:0:0# ${lineEnd}`, ...answers].join('');
}

function read(stdout: string, count: number): ReturnType<typeof readScript> {
  return readScript({ nonce, count }, stdout);
}

describe('readScript', () => {
  const text = fc
    .array(
      fc.oneof(
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom('\r\n', '\n', '#', '#fencepost:', '#fencepost:ba9876543210:1:0#', ' '),
      ),
    )
    .map((pieces) => pieces.join('').replaceAll(nonce, ''));
  const parts = fc.array(fc.record({ text, exitCode: fc.integer({ min: 0, max: 0xffffffff }) }), {
    minLength: 1,
    maxLength: 8,
  });
  const lineEnd = fc.constantFrom('\r\n', '\n', '\r\r\n');

  test('gives back every text to the letter, and every exit code unsigned', () => {
    fc.assert(
      fc.property(parts, lineEnd, (list, end) => {
        expect(read(printed(list, end), list.length)).toEqual({ parts: list });
      }),
    );
  });

  test('of an answer cut short anywhere before its last marker is whole is a problem', () => {
    fc.assert(
      fc.property(parts, lineEnd, fc.nat(), (list, end, pick) => {
        const whole = printed(list, end);
        const cut = whole.slice(0, pick % (whole.length - end.length));
        expect(read(cut, list.length)).toHaveProperty('problem');
      }),
    );
  });

  const three = [1, 2, 3].map((number) => ({ text: `answer ${number}\r\n`, exitCode: number - 2 }));
  const whole = printed(three, '\r\n');
  const marker = (number: number): string => `#fencepost:${nonce}:${number}:${number === 0 ? 0 : number - 2}#`;
  test.each([
    ['a marker missing', whole.replace(marker(2), '')],
    ['a marker twice', whole.replace(marker(2), marker(2).repeat(2))],
    ['markers swapped', whole.replace(marker(2), 'x').replace(marker(3), marker(2)).replace('x', marker(3))],
    ['one marker too many', `${whole}${marker(4)}`],
    ['no start', whole.replace(marker(0), '')],
    ['two starts', `${marker(0)}${whole}`],
    ['the markers of another run', whole.replaceAll(nonce, 'ba9876543210')],
    ['something after the end', `${whole}words`],
    ['an exit code not expanded', whole.replace(':2:0#', ':2:!errorlevel!#')],
    ['nothing at all', ''],
  ])('is a problem with %s', (_, stdout) => {
    expect(read(whole, 3)).toHaveProperty('parts.length', 3);
    expect(read(stdout, 3)).toHaveProperty('problem');
  });

  test('drops what a cmd AutoRun printed before it, also when that was the line itself', () => {
    const line = writeScript(prepareScript(['ver', 'tasklist', 'whoami']), nonce).line;
    for (const noise of [
      'Active code page: 437\r\n',
      '  9933  9955  *\r\n',
      `${line}\r\n`,
      '#fencepost:',
      whole.replaceAll(nonce, 'ba9876543210'),
    ]) {
      expect(read(`${noise}${whole}`, 3)).toEqual({
        parts: three.map((one) => ({ ...one, exitCode: one.exitCode >>> 0 })),
      });
    }
  });

  test('says where the answer breaks off', () => {
    expect(read(whole.slice(0, whole.indexOf('answer 3')), 3)).toEqual({
      problem: 'it ends before the end of answer 3 of 3',
    });
  });
});
