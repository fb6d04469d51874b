// A row of tasklist that no Windows can print is not read: a plan must not grow with what a host makes up.
import { expect, test } from 'vitest';
import { readProcesses } from '../../src/windows/processes.ts';

const idle = '"System Idle Process","0","N/A"';

test.each([
  ['a name', `"${'x'.repeat(261)}","12","N/A"`],
  ['a list of services', `"svchost.exe","12","${'abc,'.repeat(5000)}"`],
])('%s that is too long is said, in a sentence of limited length', (_, row) => {
  const read = readProcesses(`${idle}\n${row}\n`, 0);
  expect(read).toEqual({
    problem: expect.stringMatching(/^line 2: expected a name of at most 260 characters/) as string,
  });
  expect(JSON.stringify(read).length).toBeLessThan(400);
});

test('the longest name that Windows takes is read', () => {
  const name = 'x'.repeat(260);
  expect(readProcesses(`${idle}\n"${name}","12","N/A"\n`, 0)).toMatchObject({
    value: [{ processId: 0 }, { imageName: name, processId: 12, services: [] }],
  });
});
