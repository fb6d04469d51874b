// A limit of this machine is not put on the host.
import { expect, test } from 'vitest';
import { createConnectFailure } from '../../../src/winrm/http/connect-failures.ts';

test.each(['EMFILE', 'ENFILE'])('%s is said to be about this machine, with the way to raise it', (code) => {
  const failure = createConnectFailure(Object.assign(new Error(code), { code }), 'ex01:5985', 'http', 10_000);
  expect(failure).toMatchObject({ code: 'connect/lost', effect: 'none', retry: 'new-session' });
  expect(failure.message).toContain('too many open files on this machine');
  expect(failure.hint).toContain('ulimit -n');
});
