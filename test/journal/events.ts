// Events for the tests of this folder: one run over one host, and any small event.
import fc from 'fast-check';
import { saveConnection } from '../../src/inventory/saved-connection.ts';
import type { HostFacts } from '../../src/model/facts.ts';
import { families, stores } from '../../src/model/host-state.ts';
import type { EventOf, RunEvent } from '../../src/model/outcome.ts';
import type { ExclusionStep, ServiceStep } from '../../src/model/plan.ts';
import { portRange } from '../../src/model/port-range.ts';
import { deriveExclusionStep, deriveServiceStep, inBoth, inNone } from '../../src/windows/steps.ts';
import { anyCharacter } from '../support/any-character.ts';
import { memoryConnection } from '../support/memory-fleet.ts';
import { backEndPorts } from '../support/memory-run.ts';

export const at = '2026-12-05T22:00:00.000Z';

export const runStarted: EventOf<'run-started'> = {
  at,
  type: 'run-started',
  run: '20261205-220000-aaaaaa',
  kind: 'apply',
  of: null,
  operator: { user: 'ops', machine: 'jump', processId: 7, toolVersion: '0.1.0' },
  plan: { digest: 'd', file: null },
  playbook: { name: 'p', file: 'p.yml', sha256: 'p' },
  inventory: { files: ['i.yml'], sha256: 'i' },
  onFailure: 'rollback_host',
  hosts: [{ host: 'ex01', state: 'changes' }],
};

const facts: HostFacts = {
  collectedAt: at,
  rights: 'administrator',
  windows: { major: 10, minor: 0, build: 17763, revision: 1 },
  exchange: null,
  exclusionSupport: true,
  state: {
    exclusionTables: families.flatMap((family) =>
      stores.map((store) => ({ family, protocol: 'tcp', store, exclusions: [] }) as const),
    ),
    dynamicRanges: [],
  },
  sockets: [],
  processes: [],
  services: [],
  gaps: [],
};

export function exclusionStep(number: number, family: 'ipv4' | 'ipv6', port = 9933): ExclusionStep {
  return deriveExclusionStep({
    kind: 'exclusion',
    number,
    undoes: false,
    family,
    protocol: 'tcp',
    range: portRange(port),
    service: port === 9955 ? 'MSExchangePOP3BE' : 'MSExchangeIMAP4BE',
    before: inNone,
    after: inBoth,
  });
}

export function serviceStep(number: number, verb: 'stop' | 'start'): ServiceStep {
  const service = 'MSExchangeIMAP4BE';
  const ranges = [{ protocol: 'tcp', range: portRange(9933) }] as const;
  return deriveServiceStep({
    kind: 'service',
    number,
    undoes: false,
    service,
    verb,
    ranges,
    listensOn: families.map((family) => ({ family, port: 9933 })),
  });
}

export function hostStarted(host: string, steps: EventOf<'host-started'>['steps']): EventOf<'host-started'> {
  return {
    at,
    type: 'host-started',
    host,
    connection: saveConnection(memoryConnection),
    exclusiveGroup: null,
    desired: backEndPorts,
    before: facts,
    steps,
  };
}

/** Events whose text has everything a line must not stumble over: newlines, quotes, other alphabets, braces. */
export const someEvent: fc.Arbitrary<RunEvent> = fc.record({
  at: fc.constant(at),
  type: fc.constant('run-stopping' as const),
  reason: fc.oneof(
    fc.string({ unit: anyCharacter }),
    fc.constant('line\nline\r\n","digest":"'),
    fc.constant('不能 – „nein“'),
  ),
});
