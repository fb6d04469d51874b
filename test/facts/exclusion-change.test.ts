import { describe, expect, test } from 'vitest';
import { writeExclusionChange, readExclusionChange } from '../../src/facts/exclusion-change.ts';
import { readServiceChange, writeServiceChange } from '../../src/facts/service-change.ts';
import { portRange } from '../../src/model/port-range.ts';
import { addExclusion } from '../../src/windows/excluded-ports.ts';
import { stopService } from '../../src/windows/services.ts';
import { answerOf, answersOf, fakeHost, serviceState, someNonce } from './fake-host.ts';

const add = addExclusion('ipv4', 'tcp', portRange(9933), 'persistent');
const refused = { text: 'words\r\n', exitCode: 1 };
const look = writeExclusionChange(null, ['tcp'], someNonce);

describe('a change and the look after it', () => {
  test('is one line; the change comes first, then all tables of both families and stores', async () => {
    const host = fakeHost(answersOf({ [add]: refused }));
    const script = writeExclusionChange(add, ['tcp'], someNonce);
    const read = readExclusionChange(await host.change(script.line), script, add, ['tcp']);
    expect(host.sent).toHaveLength(1);
    expect(read.change).toEqual(refused);
    expect(read.gaps).toEqual([]);
    expect(read.tables.map(({ family, store, exclusions }) => [family, store, exclusions.length])).toEqual([
      ['ipv4', 'active', 2],
      ['ipv4', 'persistent', 0],
      ['ipv6', 'active', 1],
      ['ipv6', 'persistent', 0],
    ]);
  });

  test('without a change only looks', async () => {
    const host = fakeHost(answersOf());
    const read = readExclusionChange(await host.ask(look.line), look, null, ['tcp']);
    expect(read.change).toBeNull();
    expect(read.tables).toHaveLength(4);
  });

  test('a table that cannot be read is a gap, also when netsh refuses it', () => {
    const line = 'netsh interface ipv6 show excludedportrange protocol=tcp store=active';
    for (const answer of [refused, { text: 'words' }]) {
      const read = readExclusionChange(answerOf(look, answersOf({ [line]: answer })), look, null, ['tcp']);
      expect(read.tables).toHaveLength(3);
      expect(read.gaps.map(({ question }) => question)).toEqual(['exclusions ipv6 tcp active']);
    }
  });

  test('asks for both protocols when told so', () => {
    expect(
      writeExclusionChange(null, ['tcp', 'udp', 'tcp'], someNonce).line.match(/show excludedportrange/g),
    ).toHaveLength(8);
  });

  test('an answer that breaks off leaves a change in doubt, and a look to be asked again', () => {
    const answer = {
      stdout: `#fencepost:${someNonce}:0:0# \r\n\r\n#fencepost:${someNonce}:1:0# \r\n`,
      stderr: '',
      exitCode: 0,
    };
    expect(() => readExclusionChange(answer, writeExclusionChange(add, ['tcp'], someNonce), add, ['tcp'])).toThrow(
      expect.objectContaining({ code: 'answer/incomplete', effect: 'unknown', retry: 'never' }) as Error,
    );
    expect(() => readExclusionChange(answer, look, null, ['tcp'])).toThrow(
      expect.objectContaining({ code: 'answer/incomplete', effect: 'none', retry: 'same-request' }) as Error,
    );
  });
});

describe('a service step and the look after it', () => {
  const name = 'MSExchangeIMAP4BE';
  const ports = [9933, 9955];
  const stop = stopService(name);
  const stopScript = writeServiceChange(stop, name, ports, someNonce);
  const lookScript = writeServiceChange(null, name, ports, someNonce);

  test('tells the state and who has the ports open', async () => {
    const host = fakeHost(
      answersOf({ [stop]: { text: 'words\r\n' }, [`sc queryex ${name}`]: serviceState(name, 3, 5210) }),
    );
    const read = readServiceChange(await host.change(stopScript.line), stopScript, stop, name, ports);
    expect(read).toMatchObject({
      change: { text: 'words\r\n', exitCode: 0 },
      service: { installed: true, state: 'stop-pending', processId: 5210 },
      gaps: [],
    });
    expect(read.sockets?.map(({ localPort }) => localPort)).toEqual([5985, 9933, 9955, 9933]);
  });

  test('without a line only looks; what cannot be read is null and a gap', () => {
    const netstat = 'netstat -ano | findstr /i /c:":9933 " /c:":9955 " /c:":0 "';
    const answers = answersOf({ [netstat]: { text: '' }, [`sc queryex ${name}`]: { text: 'words', exitCode: 5 } });
    const read = readServiceChange(answerOf(lookScript, answers), lookScript, null, name, ports);
    expect(read).toMatchObject({ change: null, service: null, sockets: null });
    expect(read.gaps.map(({ question }) => question)).toEqual([`state of service ${name}`, 'listeners']);
  });

  test('an answer that breaks off leaves the step in doubt', () => {
    const answer = { stdout: '', stderr: '', exitCode: 0 };
    expect(() => readServiceChange(answer, stopScript, stop, name, ports)).toThrow(
      expect.objectContaining({ effect: 'unknown' }) as Error,
    );
    expect(() => readServiceChange(answer, lookScript, null, name, ports)).toThrow(
      expect.objectContaining({ effect: 'none' }) as Error,
    );
  });
});
