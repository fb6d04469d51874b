// Our command lines, as they are sent, through a cmd.exe and programs that nobody here wrote: Wine's. It judges quoting, escapes, markers and
// exit codes, and that a reader takes no strange answer for a fact. Where Wine 8 is no judge is a table in docs/windows.md.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collectFacts } from '../../../src/facts/collect.ts';
import { longestLine, prepareScript, readScript, writeScript } from '../../../src/windows/cmd/script.ts';
import { writeGuardArming, writeGuardXml } from '../../../src/windows/guard.ts';
import { findListening } from '../../../src/windows/listeners.ts';
import { showPersistentEntries } from '../../../src/windows/persistent-entries.ts';
import { cmdCall, skipCall, skippedExitCode } from '../../../src/windows/cmd/programs.ts';
import { findServiceState, showServiceState } from '../../../src/windows/services.ts';
import { missingWine, openWine, type Wine } from '../support/wine.ts';
import { runLines } from '../support/wine-lines.ts';

const missing = await missingWine();
const nonce = '0123456789ab';
let wine: Wine;

beforeAll(async () => {
  if (missing === null) wine = await openWine();
});
afterAll(async () => {
  if (missing === null) await wine.close();
});

/** The answers to these questions, sent as one line. */
async function ask(...questions: readonly string[]) {
  const script = writeScript(prepareScript(questions), nonce);
  const [end] = await runLines(wine, [script.line]);
  const read = readScript(script, end?.stdout ?? '');
  if ('problem' in read) return expect.fail(`${read.problem}: ${JSON.stringify(end)}`);
  return read.parts;
}

const setup = 'HKLM\\SOFTWARE\\Microsoft\\ExchangeServer\\v15\\Setup';
const program = (name: string): string => `%SystemRoot%\\System32\\${name}.exe`;

describe.skipIf(missing !== null)("Wine's cmd.exe", () => {
  test('carries out all that a host is asked; what its programs do not answer is a gap, and no fact', async () => {
    const key = showPersistentEntries('tcp').replace('reg query ', '');
    const values = { MsiProductMajor: 15, MsiProductMinor: 2, MsiBuildMajor: 1118, MsiBuildMinor: 7 };
    await runLines(wine, [
      ...Object.entries(values).map(
        ([name, value]) => `${program('reg')} add ${setup} /v ${name} /t REG_DWORD /d ${String(value)} /f`,
      ),
      `${program('reg')} add ${key} /v 26cd0100 /t REG_BINARY /d 00 /f`,
      `${program('reg')} add ${key} /ve /t REG_BINARY /d 00 /f`,
    ]);
    const session = {
      endLeft: () => Promise.resolve(),
      newNonce: () => nonce,
      async ask(line: string) {
        const [end] = await runLines(wine, [line]);
        return end ?? expect.fail();
      },
      change: () => expect.fail(),
      list: () => expect.fail(),
      close: () => Promise.resolve(),
    };
    const clock = { now: () => '2026-12-05T22:00:00.000Z', elapsedMs: () => 0, sleep: () => Promise.resolve() };
    const ranges = [9933, 9955].map((firstPort) => ({ range: { firstPort, portCount: 1 }, protocol: 'tcp' as const }));
    const request = { ranges, services: ['MSExchangeIMAP4BE', 'Eventlog'], protocols: ['tcp'] } as const;
    const { facts } = await collectFacts(session, request, clock);
    expect(facts).toMatchObject({
      rights: null,
      windows: { major: 10, minor: 0 },
      exchange: { major: 15, minor: 2, build: 1118, revision: 7 },
      sockets: [],
      processes: [],
      services: [],
    });
    expect(facts.state.dynamicRanges).toEqual([]);
    const exclusions = [{ range: { firstPort: 9933, portCount: 1 }, administered: true }];
    expect(facts.state.exclusionTables).toEqual(
      ['ipv4', 'ipv6'].map((family) => ({
        family,
        protocol: 'tcp',
        store: 'persistent',
        exclusions,
        witness: 'registry',
      })),
    );
    expect(facts.gaps.map((gap) => gap.question)).toEqual([
      'rights',
      ...[
        'dynamic range ipv4 tcp',
        'dynamic range ipv6 tcp',
        'exclusions ipv4 tcp active',
        'exclusions ipv6 tcp active',
      ],
      ...['listeners', 'processes'],
      ...request.services.flatMap((name) => [`state of service ${name}`, `start type of ${name}`]),
    ]);
  });

  test('hands each program the words that were meant', async () => {
    const said = join(wine.folder, 'words');
    await writeFile(said, '');
    const script = join(wine.driveC, 'words.cjs');
    await writeFile(
      script,
      `require('node:fs').appendFileSync(${JSON.stringify(said)}, JSON.stringify(process.argv.slice(2)) + '\\n')`,
    );
    const questions = [
      showServiceState('My Service $1'),
      findServiceState('IMAP', 'stopped'),
      findListening([9955, 9933]),
    ];
    const sent = writeScript(prepareScript(questions), nonce);
    const line = sent.line.replaceAll(/%SystemRoot%\\System32\\(?!cmd)(\w+)\.exe/g, `${wine.node} C:\\words.cjs $1`);
    const [end] = await runLines(wine, [line]);
    expect(readScript(sent, end?.stdout ?? '')).toMatchObject({
      parts: [{ exitCode: 0 }, { exitCode: 0 }, { exitCode: 0 }],
    });
    const words = (await readFile(said, 'utf8')).trimEnd().split('\n');
    expect(words.map((one) => JSON.parse(one) as unknown)).toEqual([
      ['sc', 'queryex', 'My Service $1'],
      ['sc', 'query', 'IMAP'],
      ['findstr', '/r', '/c:: 1  [A-Z]'],
      ['netstat', '-ano'],
      ['findstr', '/r', '/c::9933 .*:0 ', '/c::9955 .*:0 '],
    ]);
  });

  test('gives each answer its own exit code, whatever came before it', async () => {
    const parts = await ask(
      'reg query HKLM\\nosuch',
      'ping -n 1 127.0.0.1',
      'reg query HKLM\\SOFTWARE | findstr /c:"x"',
      'ver',
    );
    expect(parts.map((part) => part.exitCode)).toEqual([1, 0, 0, 0]);
    expect(parts.at(-1)?.text).toMatch(/Windows 10\.0\.\d+/);
  });

  test.each([
    ['set fpa=& (if defined fpa (echo yes))& echo end', 'end'],
    ['set fpg=y& if defined fpg echo got', 'got'],
    ['(for /l %i in (1,1,3) do (set fpn=%i& echo n!fpn!))', 'n1 n2 n3'],
    ['(for /l %i in (1,1,3) do (set fpn=%i& if defined fpp echo n!fpn!))', ''],
    ['(if defined fpx (echo a) else (echo b))', 'b'],
    ["echo ^<a b='1'^>^^ ^& ^| ^( ^)", "<a b='1'>^ & | ( )"],
    [`${skipCall} & echo !errorlevel!`, String(skippedExitCode)],
  ])('%s', async (command, printed) => {
    const [end] = await runLines(wine, [`${cmdCall} "${command}"`]);
    expect(
      end?.stdout
        .split(/\s*\r\n/)
        .join(' ')
        .trim(),
    ).toBe(printed);
  });

  test('prints the XML of a guard as it was written', async () => {
    const order = {
      task: '\\Fencepost\\20261205-220000-abc123',
      withinMs: 600_000,
      actions: [
        'netsh int ipv4 delete excludedportrange protocol=tcp startport=9933 numberofports=1',
        'sc start "My Service"',
      ],
    };
    const script = writeGuardArming(order, nonce);
    // To stdout: Wine 8 redirects no commands in brackets.
    const [end] = await runLines(wine, [script.line.replace(/\)>\S+\.xml/, ')')]);
    const lines = (end?.stdout ?? '').split('\r\n');
    const xml = writeGuardXml(order).map((line) => line.replaceAll('%SystemRoot%', 'C:\\windows'));
    expect(lines.slice(1, 1 + xml.length)).toEqual(xml);
  });

  test(`takes a line of ${String(longestLine)} characters, and does nothing of a far longer one`, async () => {
    const lineOf = (length: number): string => `echo ${'x'.repeat(length - 'echo '.length)}`;
    const [longest, longer] = await runLines(wine, [lineOf(longestLine), lineOf(longestLine + 100)]);
    expect(longest?.stdout).toBe(`${'x'.repeat(longestLine - 5)}\r\n`);
    expect(longer?.stdout).toBe('');
  });
});
