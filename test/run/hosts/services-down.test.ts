// A service that was found stopped is named once, whatever else the verdict says.
import { expect, test } from 'vitest';
import { describeStoppedAfter, describeStoppedSince } from '../../../src/model/rules/left-down.ts';
import type { HostJob } from '../../../src/run/hosts/host-job.ts';
import { withServicesDown } from '../../../src/run/hosts/services-down.ts';

const pop3 = 'MSExchangePOP3';
const job = { plan: { steps: [], facts: null }, stoppedSince: [pop3] } as unknown as HostJob;

test.each([
  ['another service whose name begins alike', `${pop3}BE could not be started`],
  ['the same service for another reason', `tcp 1995 is open by ${pop3}`],
  ['nothing of it', 'nothing left to do'],
])('names a service that was found stopped beside a verdict that names %s', (_, detail) => {
  const told = withServicesDown({ verdict: 'changed', detail }, job);
  expect(told.detail).toBe(`${detail}; ${describeStoppedSince(pop3)}`);
});

test('says it once', () => {
  const detail = describeStoppedAfter(pop3, 'stopped');
  expect(withServicesDown({ verdict: 'conflict', detail }, job).detail).toBe(detail);
});
