// What `doctor` does: checks each host step by step. It needs no playbook: without one it asks about the services and
// ports that the product is about. How a host is reached without a logon comes in as an argument.
import type { VaultOpener } from '../inventory/secrets/vault-opener.ts';
import type { Issue } from '../model/failure.ts';
import { families } from '../model/host-state.ts';
import { portRange } from '../model/port-range.ts';
import type { Target } from '../model/target.ts';
import { backEnds, backEndServices, noBackEndPorts, type BackEnd } from '../model/backend/back-end-ports.ts';
import type { Desired, DesiredExclusion } from '../model/desired.ts';
import type { BackEndPorts } from '../model/discovery/discovery.ts';
import type { HostFacts } from '../model/facts.ts';
import type { Finding } from '../model/plan.ts';
import { findLeftGuards } from '../model/rules/left-guards.ts';
import { judgeHost } from '../plan/make-plan.ts';
import { examineHosts, type Approach, type ExaminedHost } from '../run/survey/examine-hosts.ts';
import { makeRequest } from './host-jobs.ts';
import { readIntent } from './read-intent.ts';
import { readInventory, selectHosts, type InventoryFiles } from './read-inventory.ts';
import { askFleet, type SurveySeams } from './survey-fleet.ts';

/** The back ends of Exchange (windows.md section 4): where the inventory says they are, else as the shipped playbook has them. */
function createBackEndDesires(): DiagnosisScope['desiredOf'] {
  const known = new Map<string, Desired>();
  return ({ backEndPorts: ports = noBackEndPorts }) => {
    const key = JSON.stringify([ports.imap4, ports.pop3]);
    const desired = known.get(key) ?? {
      exclusions: backEnds.map((one) => desireBackEnd(one, ports)),
      whenHeldByOwnService: 'restart',
    };
    known.set(key, desired);
    return desired;
  };
}

const usualPorts = { imap4: 9933, pop3: 9955 } as const;

function desireBackEnd(backEnd: BackEnd, ports: BackEndPorts): DesiredExclusion {
  const port = ports[backEnd];
  const service = backEndServices[backEnd];
  const range = portRange(port ?? usualPorts[backEnd]);
  return {
    range,
    protocol: 'tcp',
    families,
    presence: 'present',
    service,
    ...(port === null ? {} : { backEnd: true }),
  };
}

export interface DiagnosisScopeRequest {
  readonly inventory: InventoryFiles;
  /** Whose hosts are examined, for what it wants; undefined: all hosts, for the back ends. */
  readonly playbook: string | undefined;
  readonly limit: string | null;
}

export interface DiagnosisScope {
  readonly targets: readonly Target[];
  readonly desiredOf: (target: Target) => Desired;
  readonly warnings: readonly Issue[];
}

/** Throws the Failures of inventory, playbook and patterns. */
export async function readDiagnosisScope(
  { inventory: files, playbook, limit }: DiagnosisScopeRequest,
  vault: VaultOpener,
): Promise<DiagnosisScope> {
  if (playbook !== undefined) {
    const request = { inventory: files, playbook, limit, concurrency: undefined };
    const { intent, warnings } = await readIntent(request, vault);
    return { targets: intent.targets, desiredOf: intent.desiredOf, warnings };
  }
  const inventory = await readInventory(files, vault);
  const notes: Issue[] = [];
  const targets = selectHosts(inventory, limit, (note) => notes.push(note));
  return { targets, desiredOf: createBackEndDesires(), warnings: [...inventory.warnings, ...notes] };
}

export interface DiagnosisRequest extends Omit<DiagnosisScope, 'warnings'> {
  /** Hosts at once. */
  readonly concurrency: number;
  readonly approach: Approach;
}

/** One entry per target, in order. Throws Failure `interrupted`. */
export function diagnoseFleet(
  { targets, desiredOf, concurrency, approach }: DiagnosisRequest,
  seams: SurveySeams,
): Promise<readonly ExaminedHost[]> {
  return askFleet({ doing: 'checking', asked: 'checked', hosts: targets.length }, seams, (asking) =>
    examineHosts(targets, {
      ...asking,
      approach,
      concurrency,
      desiredOf,
      requestOf: (target) => makeRequest(desiredOf(target)),
      findingsOf: findAll,
    }),
  );
}

/** What a plan would find, guards of other runs too. */
function findAll(facts: HostFacts, desired: Desired): readonly Finding[] {
  const { state, findings } = judgeHost(facts, desired);
  const left = state === 'ok' ? 'warning' : 'blocker';
  return [...findings, ...findLeftGuards(facts, { left, unknown: 'warning' })];
}
