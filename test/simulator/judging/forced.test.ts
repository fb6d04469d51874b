import { expect, test } from 'vitest';
import { buildMachine } from '../../../src/lab/scenario/build-machine.ts';
import { serverSpec } from '../../../src/lab/scenario/server-spec.ts';
import type { Finding, HostPlan } from '../../../src/model/plan.ts';
import { portRange } from '../../../src/model/port-range.ts';
import { beginServer } from '../truth.ts';
import { concedeForced } from './forced.ts';

test('who forces a rollback takes upon himself its conflicts, and of the ranges those alone that the plan calls doubtful', () => {
  const server = beginServer(buildMachine(serverSpec({ name: 'ex01' })));
  const exclusions = [9933, 9955].map((port) => ({ range: portRange(port), protocol: 'tcp' }));
  server.plan = { desired: { exclusions } } as unknown as HostPlan;
  server.conflicts.set('tcp ipv4 9955-9955*', new Map());
  const about = { severity: 'warning', code: 'changed-since', hint: null } as const;
  const findings: readonly Finding[] = [
    {
      ...about,
      sentence: 'tcp 9933 on ipv4 is in both stores: changed by this run or by somebody else; which one is not known',
    },
    { ...about, sentence: 'somebody else changed this host since: tcp 9955 on ipv4 is in both stores' },
  ];
  concedeForced(server, findings);
  expect([...server.doubts.murky]).toEqual(['tcp 9933-9933']);
  expect(server.conflicts.size).toBe(0);
});
