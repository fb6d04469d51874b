// What a restart of Windows makes of services: only the automatic ones run, whatever they were doing before.
import { describe, expect, test } from 'vitest';
import type { MachineService } from '../../../src/lab/machine/machine.ts';
import { findService, startServicesAtBoot, stopService } from '../../../src/lab/machine/service-control.ts';
import { memoryMachine } from '../../support/memory-fleet.ts';

const imap = 'MSExchangeIMAP4BE';

function boot(startType: MachineService['startType'], before: MachineService['state']) {
  const machine = memoryMachine('ex01', { imap: 'running' }, { pendingQueries: 3 });
  machine.services = machine.services.map((one) => (one.name === imap ? { ...one, startType } : one));
  const service = findService(machine, imap);
  if (service === undefined) throw new Error('no such service');
  if (before !== 'running') stopService(machine, service);
  const processBefore = service.processId;
  startServicesAtBoot(machine);
  const ports = machine.sockets.filter((one) => one.processId === service.processId).map((one) => one.localPort);
  return { state: service.state, ports, isSameProcess: service.processId === processBefore };
}

describe.each(['running', 'stop-pending'] as const)('a service that was %s', (before) => {
  test('runs again when it starts automatically, as another process', () => {
    expect(boot('automatic', before)).toEqual({ state: 'running', ports: [9933, 9933], isSameProcess: false });
  });

  test.each(['manual', 'disabled'] as const)('is stopped when its start type is %s', (startType) => {
    expect(boot(startType, before)).toEqual({ state: 'stopped', ports: [], isSameProcess: false });
  });
});
