// A mixed fleet in memory, each server with back-end ports of its own, and its plan for `port: backend`. Asserts nothing.
import type { BackEndPorts } from '../../src/model/discovery/discovery.ts';
import type { DesiredRequest } from '../../src/model/desired.ts';
import { families } from '../../src/model/host-state.ts';
import { resolveRequest } from '../../src/model/backend/back-end-ports.ts';
import type { Machine } from '../../src/lab/machine/machine.ts';
import type { FleetPlan } from '../../src/model/plan.ts';
import type { Policy } from '../../src/model/strategy.ts';
import { planFleet } from '../../src/workflows/plan-fleet.ts';
import { memoryClock } from './memory-clock.ts';
import { memoryMachine, type MemoryFleet } from './memory-fleet.ts';
import { policyOf } from './memory-run.ts';
import { memorySeams } from './memory-seams.ts';

/** The shipped playbook with the word instead of the numbers. */
export const askedBackEnds: DesiredRequest = {
  exclusions: ['MSExchangeIMAP4BE', 'MSExchangePOP3BE'].map((service) => ({
    port: 'backend',
    protocol: 'tcp',
    families,
    presence: 'present',
    service,
  })),
  whenHeldByOwnService: 'restart',
};

/** By host; the ports of the last one nobody wrote down. */
export const knownPorts: Readonly<Record<string, BackEndPorts>> = {
  ex01: { imap4: 9933, pop3: 9955 },
  ex02: { imap4: 1993, pop3: 1995 },
  ex03: { imap4: 64_327, pop3: 9955 },
};

/** Their IMAP4 back ends listen where `knownPorts` says. */
export function mixedMachines(): readonly Machine[] {
  return [
    ...Object.entries(knownPorts).map(([name, { imap4, pop3 }]) =>
      memoryMachine(name, { imap: 'running', imapPort: imap4 ?? 0, popPort: pop3 ?? 0 }),
    ),
    memoryMachine('ex04', { imap: 'running', imapPort: 1993 }),
  ];
}

export interface BackEndPlanning {
  readonly ports?: Readonly<Record<string, BackEndPorts>>;
  readonly request?: DesiredRequest;
  readonly policy?: Policy;
}

/** Asks and plans, as `plan` does for an inventory that says these ports. */
export function planBackEnds(
  { targets, connector }: Pick<MemoryFleet, 'targets' | 'connector'>,
  { ports = knownPorts, request = askedBackEnds, policy = policyOf() }: BackEndPlanning = {},
): Promise<FleetPlan> {
  const intent = {
    targets: targets.map((one) => {
      const known = ports[one.name];
      return known === undefined ? one : { ...one, backEndPorts: known };
    }),
    desiredOf: ({ name }: { readonly name: string }) => resolveRequest(request, ports[name]),
    request,
    policy,
    playbook: { name: 'Reserve the back-end ports', file: 'playbook.yml', sha256: 'p' },
    inventory: { files: ['inventory.yml'], sha256: 'i' },
  };
  return planFleet(intent, memorySeams({ connector, clock: memoryClock('2026-12-05T21:00:00.000Z') }));
}
