import { expect, test } from 'vitest';
import { windowsName } from '../../src/windows/version.ts';

test.each([
  [6, 0, 6003, 'Windows Server 2008'],
  [6, 1, 7601, 'Windows Server 2008 R2'],
  [6, 2, 9200, 'Windows Server 2012'],
  [6, 3, 9600, 'Windows Server 2012 R2'],
  [10, 0, 14393, 'Windows Server 2016'],
  [10, 0, 17763, 'Windows Server 2019'],
  [10, 0, 20348, 'Windows Server 2022'],
  [10, 0, 26100, 'Windows Server 2025'],
  [10, 0, 19045, 'Windows 10.0.19045'],
  [0, 0, 0, 'unknown Windows'],
])('Windows %i.%i.%i', (major, minor, build, name) => {
  expect(windowsName({ major, minor, build, revision: null })).toBe(name);
});
