// What the processes of one fleet report together.
import { expect, test } from 'vitest';
import type { LabReport } from './lab-process.ts';
import { addReports } from './labs.ts';

const report = (port: number, differences: Partial<LabReport>): LabReport => ({
  ports: [port],
  requests: 5,
  connections: 1,
  openShells: 0,
  commandLine: null,
  cpuMs: 10,
  reserved: 0,
  untouched: 1,
  ...differences,
});

test('figures are added up, hosts keep their order, and any process may have heard the command line', () => {
  const all = addReports([
    report(1, { openShells: 2 }),
    report(2, { commandLine: 'netsh', cpuMs: 7, reserved: 1, untouched: 0 }),
  ]);
  const figures = { requests: 10, connections: 2, openShells: 2, commandLine: 'netsh', cpuMs: 17 };
  expect(all).toEqual({ ports: [1, 2], ...figures, reserved: 1, untouched: 1 });
});
