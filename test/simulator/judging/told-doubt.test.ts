import { describe, expect, test } from 'vitest';
import { usualQuirks, type Quirks } from '../../../src/lab/machine/quirks.ts';
import { buildMachine } from '../../../src/lab/scenario/build-machine.ts';
import { serverSpec } from '../../../src/lab/scenario/server-spec.ts';
import type { HostPlan } from '../../../src/model/plan.ts';
import { portRange } from '../../../src/model/port-range.ts';
import { beginServer, type Server } from '../truth.ts';
import { concedeTold, judgeToldDoubts } from './told-doubt.ts';

const detail =
  'rolled back; nothing shows what is permanent on this host: tcp 9933, tcp 9955 is deleted there, and may have been permanent before the run';
const row = 'tcp ipv4 persistent 9933-9933*';

/** 9933 was permanent before the run, and is not now. */
function serverWithout(sent: readonly string[], seen: Partial<Quirks> = {}): Server {
  const quirks: Quirks = { ...usualQuirks, persistentShow: 'blank', persistentRegistry: 'missing', ...seen };
  const server = beginServer(buildMachine(serverSpec({ name: 'ex01', quirks })));
  const exclusions = [9933, 9955].map((port) => ({
    range: portRange(port),
    protocol: 'tcp' as const,
    families: ['ipv4' as const],
    presence: 'present' as const,
    service: null,
  }));
  server.plan = { target: 'ex01', desired: { exclusions } } as unknown as HostPlan;
  server.expected.set(row, 'there');
  for (const one of sent) server.sent.add(one);
  return server;
}

describe('a doubt that a verdict names', () => {
  test('is taken for a range that the run was about', () => {
    const server = serverWithout(['tcp 9933-9933', 'tcp 9955-9955']);
    expect(judgeToldDoubts(server, { verdict: 'in-doubt', detail }, 'apply')).toEqual([]);
    concedeTold(server, detail);
    expect(server.expected.has(row)).toBe(false);
  });

  test('is a problem, and not taken, for one that no command was about', () => {
    const server = serverWithout(['tcp 9955-9955']);
    expect(judgeToldDoubts(server, { verdict: 'in-doubt', detail }, 'apply')).toEqual([
      'no command was about tcp 9933-9933',
    ]);
    concedeTold(server, detail);
    expect(server.expected.has(row)).toBe(true);
  });

  test('is a problem, and not taken, where the registry shows the store', () => {
    const seen = { persistentRegistry: 'kept', oneList: true } as const;
    const server = serverWithout(['tcp 9933-9933', 'tcp 9955-9955'], seen);
    expect(judgeToldDoubts(server, { verdict: 'in-doubt', detail }, 'apply')).toHaveLength(2);
    concedeTold(server, detail);
    expect(server.expected.has(row)).toBe(true);
  });

  test.each([
    ['unchanged', 'rollback'],
    ['changed', 'rollback'],
    ['failed-rolled-back', 'apply'],
    ['blocked', 'apply'],
  ] as const)('does not go with %s of %s, which calls the host as it was', (verdict, kind) => {
    const server = serverWithout(['tcp 9933-9933', 'tcp 9955-9955']);
    expect(judgeToldDoubts(server, { verdict, detail }, kind)).toHaveLength(2);
  });
});
