// The guard's task: its XML, and the lines that create, query and delete it, carried out by the lab's own cmd and schtasks, which share
// no code with the writer.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findService } from '../../src/lab/machine/service-control.ts';
import { runDueTasks } from '../../src/lab/tasks/run-due-tasks.ts';
import { readXml } from '../../src/winrm/soap/xml.ts';
import {
  escapeEcho,
  escapeXml,
  isGuardTask,
  listTasks,
  readGuardArming,
  readGuardCalling,
  readGuardTasks,
  writeGuardArming,
  writeGuardCalling,
  writeGuardXml,
  type GuardOrder,
} from '../../src/windows/guard.ts';
import { cmdCall } from '../../src/windows/cmd/programs.ts';
import { readScript } from '../../src/windows/cmd/script.ts';
import { bareMachine, runLine } from '../lab/run-line.ts';

const nonce = 'c0ffee000001';
const task = '\\Fencepost\\20261205-220114-4f9a1c';
const order: GuardOrder = {
  task,
  withinMs: 900_000,
  actions: [
    'sc start MSExchangeIMAP4BE',
    'sc start "My Service"',
    'netsh interface ipv4 delete excludedportrange protocol=tcp startport=9933 numberofports=1 store=persistent',
  ],
};

function arm(machine = bareMachine({ imap: 'stopped' }), given = order) {
  const script = writeGuardArming(given, nonce);
  const answer = readScript(script, runLine(machine, script.line).stdout);
  if ('problem' in answer) throw new Error(answer.problem);
  return { machine, ...readGuardArming(answer.parts) };
}

function callOff(machine: Parameters<typeof runLine>[0]) {
  const script = writeGuardCalling(task, nonce);
  const answer = readScript(script, runLine(machine, script.line).stdout);
  if ('problem' in answer) throw new Error(answer.problem);
  return readGuardCalling(answer.parts);
}

describe('the task', () => {
  it('is ASCII without a declaration or double quotes, runs as SYSTEM by its SID, on batteries too', () => {
    const xml = writeGuardXml(order).join('\r\n');
    expect(xml).toMatch(/^<Task version='1.2' /);
    expect(xml).toMatch(/^[\r\n\x20-\x7e]*$/);
    expect(xml).not.toContain('"');
    for (const part of [
      '<UserId>S-1-5-18</UserId>',
      '<RegistrationTrigger><Delay>PT900S</Delay></RegistrationTrigger>',
      '<BootTrigger><Delay>PT2M</Delay></BootTrigger>',
      '<DisallowStartIfOnBatteries>false<',
      '<StopIfGoingOnBatteries>false<',
      '<ExecutionTimeLimit>PT10M<',
    ]) {
      expect(xml).toContain(part);
    }
  });

  it('has one action per command, by path, and deletes itself last', () => {
    const { actions } = arm().machine.tasks[0]?.definition ?? { actions: [] };
    expect(actions).toEqual([
      { command: 'C:\\Windows\\System32\\sc.exe', rawArguments: 'start MSExchangeIMAP4BE' },
      { command: 'C:\\Windows\\System32\\sc.exe', rawArguments: 'start "My Service"' },
      {
        command: 'C:\\Windows\\System32\\netsh.exe',
        rawArguments:
          'interface ipv4 delete excludedportrange protocol=tcp startport=9933 numberofports=1 store=persistent',
      },
      { command: 'C:\\Windows\\System32\\schtasks.exe', rawArguments: `/delete /tn ${task} /f` },
    ]);
  });

  it('starts after its time and is gone then, with its file gone before', () => {
    const { machine, isArmed } = arm();
    expect([isArmed, machine.files, machine.tasks.length]).toEqual([true, {}, 1]);
    runDueTasks(machine, 899_999);
    expect(findService(machine, 'MSExchangeIMAP4BE')?.state).toBe('stopped');
    runDueTasks(machine, 900_000);
    expect([findService(machine, 'MSExchangeIMAP4BE')?.state, machine.tasks]).toEqual(['start-pending', []]);
  });

  it('has room for 31 commands of the longest ports', () => {
    const longest = (index: number): string =>
      `netsh interface ipv6 delete excludedportrange protocol=tcp startport=${60_000 + index} numberofports=1 store=persistent`;
    const actions = Array.from({ length: 31 }, (_, index) => longest(index));
    const { isArmed, machine } = arm(bareMachine(), { ...order, actions });
    expect([isArmed, machine.tasks[0]?.definition.actions.length]).toEqual([true, 32]);
  });

  it.each([
    ['more arguments than an old Windows takes', { actions: [`sc start ${'x'.repeat(260)}`] }, 'command/too-long'],
    ['another program', { actions: ['shutdown /r'] }, 'internal/bug'],
    ['two programs', { actions: ['sc start x\nnetsh y'] }, 'internal/bug'],
    ['a variable', { actions: ['sc start %x%'] }, 'internal/bug'],
    ['a task elsewhere', { task: '\\Microsoft\\x' }, 'internal/bug'],
    ['a task of two words', { task: '\\Fencepost\\x /f' }, 'internal/bug'],
    ['half a second', { withinMs: 500 }, 'internal/bug'],
  ])('refuses %s', (_, differences, code) => {
    expect(() => writeGuardArming({ ...order, ...differences }, nonce)).toThrow(expect.objectContaining({ code }));
  });
});

describe('escapes', () => {
  const printable = fc.string({
    unit: fc.constantFrom(...Array.from("ab1 &<>|^()'=/;,@$.{}~+-#*?:\\")),
    maxLength: 60,
  });

  it('let any text through cmd and XML unchanged', () => {
    fc.assert(
      fc.property(printable, (text) => {
        const machine = bareMachine();
        const file = 'C:\\Windows\\Temp\\x.xml';
        runLine(machine, `${cmdCall} "(echo ${escapeEcho(`<a>${escapeXml(`.${text}.`)}</a>`)})>${file}"`);
        const written = machine.files[file.toLowerCase()]?.text ?? '';
        expect(readXml(written, { maxCharacters: 1000 }).text).toBe(`.${text}.`);
      }),
    );
  });

  it('make the five letters of XML harmless', () => {
    expect(escapeXml(`<a b="c" d='e'>&amp;`)).toBe('&lt;a b=&quot;c&quot; d=&apos;e&apos;&gt;&amp;amp;');
  });

  it.each(['"', '%PATH%', '100%', '!', 'ü', 'a\nb', '\0'])('refuse what no caret makes safe: %j', (text) => {
    expect(() => escapeEcho(text)).toThrow(expect.objectContaining({ code: 'internal/bug' }));
  });
});

describe('the answers', () => {
  it.each(['denied', 'ok-but-gone'] as const)('is not armed when the task is not there: %s', (taskCreate) => {
    expect(arm(bareMachine({}, { taskCreate })).isArmed).toBe(false);
  });

  it('is not armed for a plain account', () => {
    const machine = bareMachine();
    const script = writeGuardArming(order, nonce);
    const answer = readScript(script, runLine(machine, script.line, false).stdout);
    expect('parts' in answer && readGuardArming(answer.parts).isArmed).toBe(false);
  });

  it('is not armed by an older task when the new one is refused', () => {
    const { machine } = arm();
    const refusing = { ...machine, quirks: { ...machine.quirks, taskCreate: 'denied' as const } };
    expect(arm(refusing).isArmed).toBe(false);
  });

  it.each(['de', 'ja', 'ru'] as const)('is called off once, by exit codes alone, in %s', (language) => {
    const { machine } = arm(bareMachine({ language }));
    expect([callOff(machine), callOff(machine)]).toEqual(['called-off', 'gone']);
  });

  it('tells one that is there still', () => {
    const part = (exitCode: number) => ({ text: '', exitCode });
    expect(readGuardCalling([part(0), part(1), part(0)])).toBe('there');
    expect(readGuardCalling([part(0), part(0), part(0)])).toBe('there');
  });

  it('lists guards by their paths, and tells a list that was not given from an empty one', () => {
    const { machine } = arm();
    const list = (elevated = true) => {
      const { stdout, exitCode } = runLine(machine, listTasks(), elevated);
      return readGuardTasks(stdout, exitCode);
    };
    expect([list(), list(false)]).toEqual([[task], null]);
    callOff(machine);
    expect(list()).toEqual([]);
    expect(readGuardTasks('', 0)).toBeNull();
  });

  it('knows its own names only', () => {
    expect([task, '\\Fencepost\\', '\\Fencepost\\a b', '\\Fencepost\\a\\b', '\\Other\\a'].map(isGuardTask)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});
