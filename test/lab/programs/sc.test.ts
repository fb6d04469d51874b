// Services: what `sc` prints and returns, and what starting and stopping does to ports, in the time queries take.
import { describe, expect, it } from 'vitest';
import { families } from '../../../src/model/host-state.ts';
import { portRange } from '../../../src/model/port-range.ts';
import type { Machine } from '../../../src/lab/machine/machine.ts';
import { bareMachine, runLine } from '../run-line.ts';

const imap = 'MSExchangeIMAP4BE';

function state(machine: Machine): string {
  return /STATE +: (\d +\w+)/.exec(runLine(machine, `sc query ${imap}`).stdout)?.[1] ?? 'no state';
}

function listening(machine: Machine): string[] {
  return machine.sockets.filter((one) => one.localPort === 9933).map((one) => `${one.localAddress} ${one.processId}`);
}

describe('sc', () => {
  it('prints a running service as the tool does', () => {
    const { stdout, exitCode } = runLine(bareMachine({ imap: 'running' }), `sc queryex ${imap.toLowerCase()}`);
    expect(exitCode).toBe(0);
    expect(stdout.split('\r\n')).toEqual([
      '',
      'SERVICE_NAME: MSExchangeIMAP4BE ',
      '        TYPE               : 10  WIN32_OWN_PROCESS  ',
      '        STATE              : 4  RUNNING ',
      '                                (STOPPABLE, NOT_PAUSABLE, ACCEPTS_SHUTDOWN)',
      '        WIN32_EXIT_CODE    : 0  (0x0)',
      '        SERVICE_EXIT_CODE  : 0  (0x0)',
      '        CHECKPOINT         : 0x0',
      '        WAIT_HINT          : 0x0',
      '        PID                : 1004',
      '        FLAGS              : ',
      '',
    ]);
  });

  it('tells the start type of a back end: manual, and never started since boot', () => {
    const machine = bareMachine();
    expect(runLine(machine, `sc qc ${imap}`).stdout).toContain('        START_TYPE         : 3   DEMAND_START\r\n');
    expect(runLine(machine, `sc query ${imap}`).stdout).toContain('        WIN32_EXIT_CODE    : 1077  (0x435)\r\n');
  });

  it.each([
    ['sc query Nope', true, 1060, '[SC] EnumQueryServicesStatus:OpenService FAILED 1060:'],
    ['sc qc Nope', true, 1060, '[SC] OpenService FAILED 1060:'],
    ['sc start Nope', true, 1060, '[SC] StartService: OpenService FAILED 1060:'],
    [`sc stop ${imap}`, true, 1062, '[SC] ControlService FAILED 1062:'],
    // console-samples/sc-err-en-1-openscmanager5: whatever is asked, and whether the service is there or not.
    [`sc stop ${imap}`, false, 5, '[SC] OpenSCManager FAILED 5:'],
    [`sc start ${imap}`, false, 5, '[SC] OpenSCManager FAILED 5:'],
    [`sc query ${imap}`, false, 5, '[SC] OpenSCManager FAILED 5:'],
    [`sc queryex ${imap}`, false, 5, '[SC] OpenSCManager FAILED 5:'],
    [`sc qc ${imap}`, false, 5, '[SC] OpenSCManager FAILED 5:'],
    ['sc queryex', false, 5, '[SC] OpenSCManager FAILED 5:'],
    ['sc query Nope', false, 5, '[SC] OpenSCManager FAILED 5:'],
    ['net start Nope', false, 2, ''],
    ['sc start Running', true, 1056, '[SC] StartService FAILED 1056:'],
    ['sc nonsense x', true, 1639, ''],
  ])('%s (elevated: %s) exits %i', (line, elevated, exitCode, firstLine) => {
    const services = [{ name: 'Running', state: 'running' as const, image: 'r.exe', ports: [] }];
    const ran = runLine(bareMachine({ services }), line, elevated);
    expect(ran.exitCode).toBe(exitCode);
    expect(ran.stderr).toBe(
      line.startsWith('net ') ? 'System error 5 has occurred.\r\n\r\nAccess is denied.\r\n\r\n' : '',
    );
    expect(ran.stdout.split('\r\n')[0]).toBe(firstLine);
  });

  it.each([0, 1, 3])(
    'stops and starts over %i pending queries, and the port goes and comes with it',
    (pendingQueries) => {
      const machine = bareMachine({ imap: 'running' }, { pendingQueries });
      expect(listening(machine)).toEqual(['0.0.0.0 1004', '[::] 1004']);
      expect(runLine(machine, `sc stop ${imap}`)).toMatchObject({ exitCode: 0 });
      for (let query = 0; query < pendingQueries; query += 1) {
        expect(state(machine)).toBe('3  STOP_PENDING');
        expect(listening(machine)).toHaveLength(2);
      }
      expect(state(machine)).toBe('1  STOPPED');
      expect(listening(machine)).toEqual([]);
      expect(machine.processes.some((one) => one.processId === 1004)).toBe(false);
      expect(runLine(machine, `sc start ${imap}`)).toMatchObject({ exitCode: 0 });
      for (let query = 0; query < pendingQueries; query += 1) {
        expect(state(machine)).toBe('2  START_PENDING');
        expect(listening(machine)).toEqual([]);
      }
      expect(state(machine)).toBe('4  RUNNING');
      expect(listening(machine)).toEqual(['0.0.0.0 1008', '[::] 1008']);
    },
  );

  it('binds 0.0.0.0 first, and [::] some queries later', () => {
    const machine = bareMachine({ imap: 'running' }, { pendingQueries: 0, ipv4OnlyQueries: 2 });
    expect(listening(machine)).toHaveLength(2);
    runLine(machine, `sc stop ${imap}`);
    expect(state(machine)).toBe('1  STOPPED');
    runLine(machine, `sc start ${imap}`);
    expect(state(machine)).toBe('4  RUNNING');
    expect(listening(machine)).toEqual(['0.0.0.0 1008']);
    expect(state(machine)).toBe('4  RUNNING');
    expect(listening(machine)).toEqual(['0.0.0.0 1008']);
    expect(state(machine)).toBe('4  RUNNING');
    expect(listening(machine)).toEqual(['0.0.0.0 1008', '[::] 1008']);
  });

  it.each([
    [
      'a stranger holds its port',
      {
        holders: [
          { port: 9933, protocol: 'tcp', image: 's.exe', services: [], families: ['ipv6'], state: 'LISTENING' },
        ],
      },
      {},
    ],
    [
      'its port is excluded without star',
      {
        exclusions: [
          { range: portRange(9900, 100), protocol: 'tcp', administered: false, stores: ['active'], families },
        ],
      },
      {},
    ],
    ['the scenario says so', {}, { scStartFails: imap }],
  ] as const)('does not come up when %s', (_why, differences, quirks) => {
    const machine = bareMachine(differences, { ...quirks, pendingQueries: 0 });
    expect(runLine(machine, `sc start ${imap}`).exitCode).toBe(0);
    expect(state(machine)).toBe('1  STOPPED');
    expect(runLine(machine, `sc query ${imap}`).stdout).toContain('WIN32_EXIT_CODE    : 1067  (0x42b)');
    expect(machine.processes.some((one) => one.imageName.includes('Imap4'))).toBe(false);
  });

  it('comes up on a port that is reserved with a star: that is what the product is for', () => {
    const machine = bareMachine({
      exclusions: [{ range: portRange(9933), protocol: 'tcp', administered: true, stores: ['active'], families }],
    });
    expect(runLine(machine, `net start ${imap}`).exitCode).toBe(0);
    expect(listening(machine)).toHaveLength(2);
  });

  it.each([
    ['dependents', 1051],
    ['not-stoppable', 1052],
    ['busy', 1061],
  ] as const)('refuses to stop (%s) with exit code %i, time and again, and goes on running', (refuseStop, exitCode) => {
    const machine = bareMachine({ imap: 'running' }, { refuseStop });
    expect([1, 2].map(() => runLine(machine, `sc stop ${imap}`).exitCode)).toEqual([exitCode, exitCode]);
    expect([state(machine), listening(machine).length]).toEqual(['4  RUNNING', 2]);
  });

  it('that is busy once takes the second stop', () => {
    const machine = bareMachine({ imap: 'running' }, { refuseStop: 'busy-once' });
    expect([1, 2].map(() => runLine(machine, `sc stop ${imap}`).exitCode)).toEqual([1061, 0]);
  });

  it.each([
    ['dependency', 1068],
    ['logon', 1069],
  ] as const)('refuses to start (%s) with exit code %i', (refuseStart, exitCode) => {
    const machine = bareMachine({}, { refuseStart });
    expect([runLine(machine, `sc start ${imap}`).exitCode, state(machine)]).toEqual([exitCode, '1  STOPPED']);
  });

  it('that ends with a code of its own shows it beside 1066', () => {
    const machine = bareMachine({}, { scStartFails: imap, scStartExitCode: 10048, pendingQueries: 0 });
    runLine(machine, `sc start ${imap}`);
    state(machine);
    const shown = runLine(machine, `sc query ${imap}`).stdout;
    expect(shown).toContain('WIN32_EXIT_CODE    : 1066  (0x42a)');
    expect(shown).toContain('SERVICE_EXIT_CODE  : 10048  (0x2740)');
  });

  it('refuses a second command while one is pending', () => {
    const machine = bareMachine({ imap: 'running' });
    runLine(machine, `sc stop ${imap}`);
    expect(runLine(machine, `sc stop ${imap}`).exitCode).toBe(1061);
    expect(runLine(machine, `sc start ${imap}`).exitCode).toBe(1056);
  });

  it('keeps a process alive while another of its services runs', () => {
    const holder = {
      port: 9933,
      protocol: 'tcp',
      image: 'svchost.exe',
      services: ['Dnscache', 'Nla'],
      families,
      state: 'LISTENING',
    } as const;
    const machine = bareMachine({ holders: [holder] });
    runLine(machine, 'net stop Nla');
    expect(listening(machine)).toHaveLength(2);
    runLine(machine, 'net stop Dnscache');
    expect(listening(machine)).toEqual([]);
  });

  it.each([
    ['de', 'STATUS             : 1  STOPPED'],
    ['ru', 'Состояние          : 1  STOPPED'],
    ['pt-BR', 'ESTADO             : 1  STOPPED'],
    ['zh-CN', 'STATE              : 1  STOPPED'],
  ] as const)('labels in %s, numbers and state names as they are', (language, line) => {
    expect(runLine(bareMachine({ language }), `sc query ${imap}`).stdout).toContain(line);
  });
});
