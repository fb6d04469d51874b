// Views for tests: a fleet in memory with every kind of host, planned and changed by the real engine, so that what a report is made
// from is what a run leaves behind; and the same with text in it that no host should be able to get into a page.
import type { HostFacts } from '../../../src/model/facts.ts';
import { Failure } from '../../../src/model/failure.ts';
import type { RunEvent } from '../../../src/model/outcome.ts';
import type { FleetPlan } from '../../../src/model/plan.ts';
import { portRange } from '../../../src/model/port-range.ts';
import type { FleetView, ViewContext } from '../../../src/report/view/fleet-view.ts';
import { viewPlan } from '../../../src/report/view/plan-view.ts';
import { tellEvents } from '../../../src/report/view/run-telling.ts';
import { viewRun } from '../../../src/report/view/run-view.ts';
import { exchangeName } from '../../../src/windows/exchange.ts';
import { windowsName } from '../../../src/windows/version.ts';
import { memoryFleet, memoryMachine, type MemoryFleet } from '../../support/memory-fleet.ts';
import { memoryJournal } from '../../support/memory-journal.ts';
import { applyMemory, planMemory, policyOf } from '../../support/memory-run.ts';
import { replayRun } from '../../support/read-journal.ts';

export const hostNames = ['bare-en', 'bare-ja', 'done', 'imap', 'refusing', 'stranger', 'old', 'down'] as const;

export const context: ViewContext = {
  windows: windowsName,
  exchange: exchangeName,
  origins: new Map(hostNames.map((host, index) => [host, { file: 'inventory/prod.yml', line: index + 4, column: 9 }])),
  groups: new Map(hostNames.map((host, index) => [host, ['exchange', index % 2 === 0 ? 'paris' : 'london']])),
  placeOf: (file) => file,
};

/** The same without an inventory. */
export const bareContext: ViewContext = { ...context, origins: new Map(), groups: new Map() };

function someFleet(): MemoryFleet {
  const both = { stores: ['active', 'persistent'] as const, families: ['ipv4', 'ipv6'] as const };
  const own = (port: number) => ({
    range: portRange(port),
    protocol: 'tcp' as const,
    administered: true,
    stores: [...both.stores],
    families: [...both.families],
  });
  return memoryFleet(
    [
      memoryMachine('bare-en'),
      memoryMachine('bare-ja', { language: 'ja', windows: '2022' }),
      memoryMachine('done', { exclusions: [own(9933), own(9955)] }),
      memoryMachine('imap', { imap: 'running' }),
      memoryMachine('refusing', {}, { oneList: false, refuseAdd: 'ipv6' }),
      memoryMachine('stranger', {
        holders: [
          {
            port: 9955,
            protocol: 'tcp',
            image: 'svchost.exe',
            services: ['Dnscache'],
            families: ['ipv4', 'ipv6'],
            state: 'LISTENING',
          },
        ],
      }),
      memoryMachine('old', { windows: '2008r2', exchange: '2013', hotfix: false }),
      memoryMachine('down'),
    ],
    {
      trouble: ({ host, kind }) =>
        host === 'down' && kind === 'connect'
          ? {
              at: 'before',
              failure: new Failure('connect/refused', 'nothing listens on this port', {
                hint: 'on the host run `winrm enumerate winrm/config/listener`',
              }),
            }
          : null,
    },
  );
}

const policy = policyOf(
  { onFailure: 'rollback_host' },
  { canary: 1, batches: [{ kind: 'percent', percent: 100 }], maxFailed: { kind: 'count', hosts: 1 } },
);

function somePlan(fleet = someFleet()): Promise<FleetPlan> {
  return planMemory(fleet, undefined, policy, (host) => (host.startsWith('bare') ? 'dag1' : null));
}

export interface SomeRun {
  readonly plan: FleetPlan;
  readonly events: readonly RunEvent[];
}

export async function someRun(): Promise<SomeRun> {
  const fleet = someFleet();
  const plan = await somePlan(fleet);
  const journal = memoryJournal();
  await applyMemory(fleet, plan, { journal });
  return { plan, events: journal.events };
}

export function viewEvents(events: readonly RunEvent[], plan: FleetPlan | null, given = context): FleetView {
  const told = tellEvents();
  for (const event of events) told.event(event);
  return viewRun({ outline: replayRun(events), told, plan, damage: null }, given);
}

export async function someRunView(): Promise<FleetView> {
  const { plan, events } = await someRun();
  return viewEvents(events, plan);
}

export async function somePlanView(kind: 'plan' | 'verify' = 'plan', given = context): Promise<FleetView> {
  return viewPlan(await somePlan(), kind, 'digest-of-the-plan', given);
}

/** What a hostile host might print: tags, a way out of a script, markdown, workflow commands, controls, an override of direction. */
const hostileText =
  '</script><script>alert(1)</script><img src=x onerror=alert(2)>"\'&\n::error::forged\n| cell | `code` |\u0000\u001b[31m\u202e';

/** A run of which every text that comes from hosts or files is hostile. */
export async function hostileRunView(): Promise<FleetView> {
  const { plan, events } = await someRun();
  const poisonedPlan: FleetPlan = {
    ...plan,
    playbook: { ...plan.playbook, name: hostileText },
    hosts: plan.hosts.map((host) => ({
      ...host,
      exclusiveGroup: hostileText,
      facts: host.facts === null ? null : poisonFacts(host.facts),
      findings: host.findings.map((one) => ({ ...one, sentence: hostileText, hint: hostileText })),
    })),
  };
  const poisonedEvents = events.map((event): RunEvent => {
    switch (event.type) {
      case 'run-started':
        return { ...event, playbook: { ...event.playbook, name: hostileText } };
      case 'host-started':
        return { ...event, before: poisonFacts(event.before), exclusiveGroup: hostileText };
      case 'command-finished':
        return { ...event, text: hostileText };
      case 'host-finished':
        return { ...event, detail: hostileText };
      default:
        return event;
    }
  });
  return viewEvents(poisonedEvents, poisonedPlan, bareContext);
}

function poisonFacts(facts: HostFacts): HostFacts {
  const processes = facts.processes.map((one) => ({ ...one, imageName: hostileText, services: [hostileText] }));
  return { ...facts, processes, gaps: [{ question: hostileText, reason: hostileText }] };
}
