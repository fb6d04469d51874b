// The simulated task scheduler: what schtasks takes and refuses, when a task starts, what it does on the machine, and what a restart of
// Windows makes of it. XML here is written by hand, from the sources that windows.md section 9 names.
import { describe, expect, it } from 'vitest';
import { runCommandLine } from '../../../src/lab/cmd/console.ts';
import { reboot, type Machine } from '../../../src/lab/machine/machine.ts';
import { addExclusion } from '../../../src/lab/machine/port-table.ts';
import { findService, finishPending, stopService } from '../../../src/lab/machine/service-control.ts';
import { runDueTasks } from '../../../src/lab/tasks/run-due-tasks.ts';
import { createWinrmService } from '../../../src/lab/wsman/winrm-service.ts';
import { portRange } from '../../../src/model/port-range.ts';
import { presenceOn } from '../../support/machine-state.ts';
import { manualClock } from '../manual-clock.ts';
import { bareMachine, runLine } from '../run-line.ts';

const netsh = 'C:\\Windows\\System32\\netsh.exe';
const deleteBoth = (store: string): string =>
  `<Exec><Command>${netsh}</Command><Arguments>interface ipv4 delete excludedportrange protocol=tcp startport=9933 numberofports=1 store=${store}</Arguments></Exec>`;
const startImap =
  '<Exec><Command>C:\\Windows\\System32\\sc.exe</Command><Arguments>start MSExchangeIMAP4BE</Arguments></Exec>';
const deleteItself =
  '<Exec><Command>C:\\Windows\\System32\\schtasks.exe</Command><Arguments>/delete /tn \\Fencepost\\r /f</Arguments></Exec>';
const triggers =
  '<RegistrationTrigger><Delay>PT15M</Delay></RegistrationTrigger><BootTrigger><Delay>PT2M</Delay></BootTrigger>';
const mains = '<DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>';
const principal = '<Principals><Principal><UserId>S-1-5-18</UserId></Principal></Principals>';

function taskXml(parts: Partial<Record<'triggers' | 'settings' | 'actions', string>> = {}): string {
  const { settings = mains, actions = startImap + deleteBoth('persistent') + deleteItself } = parts;
  return (
    "<Task version='1.2' xmlns='http://schemas.microsoft.com/windows/2004/02/mit/task'>" +
    `<Triggers>${parts.triggers ?? triggers}</Triggers>${principal}<Settings>${settings}</Settings>` +
    `<Actions>${actions}</Actions></Task>`
  );
}

const file = 'C:\\Windows\\Temp\\t.xml';
const createLine = `schtasks /create /tn \\Fencepost\\r /xml ${file} /f`;
const isThere = (machine: Machine): boolean => runLine(machine, 'schtasks /query /tn \\Fencepost\\r').exitCode === 0;

function putFile(machine: Machine, text: string, madeByAdministrator = true): void {
  machine.files[file.toLowerCase()] = { text, madeByAdministrator };
}

/** IMAP stopped and 9933 reserved, as in the middle of a run, and the task that undoes both. */
function armed(xml = taskXml(), quirks: Parameters<typeof bareMachine>[1] = {}, release: '2012' | '2019' = '2019') {
  const machine = bareMachine({ imap: 'running', windows: release }, quirks);
  const service = findService(machine, 'MSExchangeIMAP4BE');
  if (service === undefined) throw new Error('no such service');
  stopService(machine, service);
  finishPending(machine, service);
  addExclusion(machine, { family: 'ipv4', protocol: 'tcp', ...portRange(9933), store: 'persistent' });
  putFile(machine, xml);
  expect(runLine(machine, createLine)).toMatchObject({ exitCode: 0 });
  return { machine, isUndone: () => !isReserved(machine) && service.state !== 'stopped' };
}

function isReserved(machine: Machine): boolean {
  return presenceOn(machine, 'ipv4', 'tcp', portRange(9933)).persistent;
}

const minutes = (count: number): number => count * 60_000;

describe('a task', () => {
  it('starts when its delay since the registration is over, not a moment before, and deletes itself', () => {
    const { machine, isUndone } = armed();
    runDueTasks(machine, minutes(15) - 1);
    expect([isUndone(), isThere(machine)]).toEqual([false, true]);
    runDueTasks(machine, minutes(15));
    expect([isUndone(), isThere(machine)]).toEqual([true, false]);
  });

  it('counts again from where it is created again', () => {
    const { machine, isUndone } = armed();
    runDueTasks(machine, minutes(10));
    runLine(machine, createLine);
    runDueTasks(machine, minutes(24));
    expect(isUndone()).toBe(false);
    runDueTasks(machine, minutes(25));
    expect(isUndone()).toBe(true);
  });

  it('loses its delay when Windows restarts during it, and is started by the boot trigger', () => {
    const { machine, isUndone } = armed();
    runDueTasks(machine, minutes(10));
    reboot(machine);
    runDueTasks(machine, minutes(12) - 1);
    expect(isUndone()).toBe(false);
    runDueTasks(machine, minutes(12));
    expect(isUndone()).toBe(true);
  });

  it('never starts after a restart when it has no boot trigger', () => {
    const only = '<RegistrationTrigger><Delay>PT15M</Delay></RegistrationTrigger>';
    const { machine, isUndone } = armed(taskXml({ triggers: only }));
    reboot(machine);
    runDueTasks(machine, minutes(10_000));
    expect(isUndone()).toBe(false);
  });

  it('does nothing once it is deleted', () => {
    const { machine, isUndone } = armed();
    expect(runLine(machine, 'schtasks /delete /tn \\fencepost\\R /f').exitCode).toBe(0);
    runDueTasks(machine, minutes(60));
    expect([isUndone(), isThere(machine)]).toEqual([false, false]);
    expect(runLine(machine, 'schtasks /delete /tn \\Fencepost\\r /f').exitCode).toBe(1);
  });

  it('starts at once when it is told to, and is not waited for', () => {
    const { machine, isUndone } = armed();
    expect(runLine(machine, 'schtasks /run /tn \\Fencepost\\r').exitCode).toBe(0);
    expect(isUndone()).toBe(false);
    runDueTasks(machine, 1);
    expect(isUndone()).toBe(true);
  });

  it.each([
    ['the usual settings', '', false],
    ['settings that allow it', mains, true],
  ])('on a UPS: %s', (_, settings, starts) => {
    const { machine, isUndone } = armed(taskXml({ settings }), { onBattery: true });
    runDueTasks(machine, minutes(15));
    expect(isUndone()).toBe(starts);
  });

  it.each([
    ['2012', 260, false],
    ['2012', 259, true],
    ['2019', 260, true],
  ] as const)('on %s with an action of %i characters of arguments', (release, length, goesOn) => {
    const long = `<Exec><Command>C:\\Windows\\System32\\whoami.exe</Command><Arguments>${'x'.repeat(length)}</Arguments></Exec>`;
    const limit = '<ExecutionTimeLimit>PT10M</ExecutionTimeLimit>';
    const actions = long + startImap + deleteBoth('persistent') + deleteItself;
    const { machine, isUndone } = armed(taskXml({ actions, settings: mains + limit }), {}, release);
    runDueTasks(machine, minutes(20));
    expect(isUndone()).toBe(goesOn);
    const [task] = machine.tasks;
    expect(task?.hangsSinceMs ?? null).toBe(goesOn ? null : minutes(15));
    runDueTasks(machine, minutes(25));
    expect([isUndone(), machine.tasks[0]?.hangsSinceMs ?? null]).toEqual([goesOn, null]);
  });

  it('runs programs without cmd: nothing is expanded, joined or redirected', () => {
    const actions = `<Exec><Command>${netsh}</Command><Arguments>interface ipv4 delete excludedportrange protocol=tcp startport=9933 numberofports=1 store=persistent &amp; sc start MSExchangeIMAP4BE</Arguments></Exec>`;
    const { machine } = armed(taskXml({ actions }));
    runDueTasks(machine, minutes(15));
    expect(findService(machine, 'MSExchangeIMAP4BE')?.state).toBe('stopped');
  });
});

describe('schtasks', () => {
  it.each([
    ['a declaration with an encoding', `<?xml version='1.0' encoding='UTF-8'?>${taskXml()}`],
    ['a byte order mark', `\uFEFF${taskXml()}`],
    [
      'letters beyond ASCII',
      taskXml().replace('<Settings>', '<RegistrationInfo><Author>Ü</Author></RegistrationInfo><Settings>'),
    ],
    ['no XML', 'x'],
    ['another namespace', taskXml().replace('2004', '2005')],
    ['no action', taskXml({ actions: '' })],
    ['33 actions', taskXml({ actions: startImap.repeat(33) })],
    [
      'a trigger out of order',
      taskXml({ triggers: '<BootTrigger><Delay>PT2M</Delay><Enabled>true</Enabled></BootTrigger>' }),
    ],
    ['a delay that is none', taskXml({ triggers: '<BootTrigger><Delay>2</Delay></BootTrigger>' })],
  ])('refuses a file with %s', (_, xml) => {
    const machine = bareMachine();
    putFile(machine, xml);
    expect(runLine(machine, createLine).exitCode).toBe(1);
    expect([isThere(machine), machine.tasks]).toEqual([false, []]);
  });

  it('creates nothing without its file, without rights, or over a task without /f', () => {
    const machine = bareMachine();
    expect(runLine(machine, createLine).exitCode).toBe(1);
    putFile(machine, taskXml(), false);
    expect(runLine(machine, createLine, false).exitCode).toBe(1);
    expect(runLine(machine, createLine.replace(' /f', '')).exitCode).toBe(0);
    expect(runLine(machine, createLine.replace(' /f', '')).exitCode).toBe(1);
    expect(machine.tasks).toHaveLength(1);
  });

  it('tells a plain account nothing', () => {
    const { machine } = armed();
    expect(runLine(machine, 'schtasks /query /tn \\Fencepost\\r', false).exitCode).toBe(1);
    expect(runLine(machine, 'schtasks /delete /tn \\Fencepost\\r /f', false).exitCode).toBe(1);
    expect(machine.tasks).toHaveLength(1);
  });

  it('lists paths as they are in every language', () => {
    const { machine } = armed();
    const { stdout } = runLine(machine, 'schtasks /query /fo csv /nh');
    expect(stdout.split('\r\n').map((row) => row.split(',')[0])).toContain('"\\Fencepost\\r"');
  });

  it.each([
    ['denied', 1],
    ['ok-but-gone', 0],
  ] as const)('under a policy: %s', (taskCreate, exitCode) => {
    const machine = bareMachine({}, { taskCreate });
    putFile(machine, taskXml());
    expect(runLine(machine, createLine).exitCode).toBe(exitCode);
    expect(isThere(machine)).toBe(false);
  });
});

describe('files of the machine', () => {
  it('stay after the line that wrote them; > begins anew and >> adds', () => {
    const machine = bareMachine();
    runLine(machine, `(echo a& echo ^<b c='d'/^>)>${file}`);
    runLine(machine, `echo c>>${file}`);
    expect(runLine(machine, `type ${file}`).stdout).toBe("a\r\n<b c='d'/>\r\nc\r\n");
    runLine(machine, `echo e>${file}`);
    expect(runLine(machine, `type ${file}`).stdout).toBe('e\r\n');
    runLine(machine, `del ${file}`);
    expect(machine.files).toEqual({});
  });

  it('of an administrator cannot be read, overwritten or deleted by others', () => {
    const machine = bareMachine();
    runLine(machine, `echo a>${file}`);
    expect(runLine(machine, `echo b>${file}`, false).exitCode).toBe(1);
    expect(runLine(machine, `type ${file}`, false).exitCode).toBe(1);
    runLine(machine, `del ${file}`, false);
    expect(runLine(machine, `type ${file}`).stdout).toBe('a\r\n');
    expect(runLine(machine, 'echo b>C:\\Windows\\System32\\x.xml', false).exitCode).toBe(1);
    expect(runLine(machine, 'echo b>C:\\Windows\\Temp\\x.xml', false).exitCode).toBe(0);
  });

  it('keep a stranger as their owner when an administrator overwrites them', () => {
    const machine = bareMachine();
    runLine(machine, `echo a>${file}`, false);
    runLine(machine, `echo b>${file}`);
    expect(runLine(machine, `echo c>${file}`, false).exitCode).toBe(0);
  });
});

describe('a WinRM service with a clock', () => {
  it('lets a task start by itself, with nobody connected', async () => {
    const { machine, isUndone } = armed();
    const clock = manualClock();
    const service = createWinrmService({ machine, clock, newGuid: () => 'A', commandMs: 0, elevated: true });
    service.reboot();
    expect(clock.pending).toBe(1);
    await clock.advance(minutes(2) - 1);
    expect(isUndone()).toBe(false);
    await clock.advance(1);
    expect([isUndone(), clock.pending]).toEqual([true, 0]);
  });

  it('sets no timer where no task is due', () => {
    const clock = manualClock();
    const machine = bareMachine();
    runCommandLine(machine, 'hostname', { codePage: 65001, elevated: true });
    createWinrmService({ machine, clock, newGuid: () => 'A', commandMs: 0, elevated: true }).reboot();
    expect(clock.pending).toBe(0);
  });
});
