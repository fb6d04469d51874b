// Every file in cases/: a host as the lab simulates it, or facts altered, and a playbook; and what must be planned. A new case needs no
// code. Only the keys written in `expected` are compared; `findings` are all of them, as `severity code`.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { collectFacts } from '../../src/facts/collect.ts';
import { fingerprintFacts } from '../../src/facts/fingerprint.ts';
import { saveConnection } from '../../src/inventory/saved-connection.ts';
import { readScenario } from '../../src/lab/scenario/scenario.ts';
import { buildMachine } from '../../src/lab/scenario/build-machine.ts';
import { families, type Family, type Protocol } from '../../src/model/host-state.ts';
import type { HostFacts } from '../../src/model/facts.ts';
import type { Step } from '../../src/model/plan.ts';
import { portRange } from '../../src/model/port-range.ts';
import type { Desired } from '../../src/model/desired.ts';
import { planHost } from '../../src/plan/make-plan.ts';
import { splitCommand } from '../../src/windows/exclusion-commands.ts';
import { readYaml } from '../../src/yaml/document.ts';
import { memoryClock } from '../support/memory-clock.ts';
import { memoryConnection, memoryFleet } from '../support/memory-fleet.ts';
import { makeRequest } from '../../src/workflows/host-jobs.ts';
import { backEndPorts } from '../support/memory-run.ts';

interface Case {
  /** A server as a lab scenario describes it; its name is always ex01. */
  readonly found?: Readonly<Record<string, unknown>>;
  /** Laid over the facts that the simulated server gave: what the lab can't show. */
  readonly facts?: Partial<HostFacts>;
  /** Start types by service. */
  readonly start_types?: Readonly<Record<string, 'automatic' | 'manual' | 'disabled'>>;
  /** Without: what the shipped playbook wants. */
  readonly desired?: readonly {
    readonly port: number;
    readonly count?: number;
    readonly protocol?: Protocol;
    readonly families?: readonly Family[];
    readonly state?: 'present' | 'absent';
    readonly for?: string;
  }[];
  readonly when_held?: 'restart' | 'block';
  readonly expected: {
    readonly state: string;
    readonly findings?: readonly string[];
    readonly steps?: readonly string[];
    readonly commands?: readonly string[];
    readonly undo?: readonly string[];
    /** Parts of the sentences and hints of the findings. */
    readonly says?: readonly string[];
  };
}

const folder = join(import.meta.dirname, 'cases');
const names = readdirSync(folder).map((file) => file.replace(/\.yml$/, ''));

function readCase(name: string): Case {
  const { value, issues } = readYaml(readFileSync(join(folder, `${name}.yml`), 'utf8'), `${name}.yml`);
  expect(issues).toEqual([]);
  return value as Case;
}

function desiredOf({ desired, when_held = 'restart' }: Case): Desired {
  const exclusions = desired?.map((one) => ({
    range: portRange(one.port, one.count),
    protocol: one.protocol ?? 'tcp',
    families: one.families ?? families,
    presence: one.state ?? 'present',
    service: one.for ?? null,
  }));
  return { exclusions: exclusions ?? backEndPorts.exclusions, whenHeldByOwnService: when_held };
}

async function factsOf(one: Case, desired: Desired): Promise<HostFacts> {
  const scenario = readYaml(JSON.stringify({ servers: [{ name: 'ex01', ...one.found }] }), 'found');
  const { value, issues } = readScenario(scenario);
  expect(issues.map((issue) => issue.message)).toEqual([]);
  const fleet = memoryFleet((value?.servers ?? []).map(buildMachine));
  const [target] = fleet.targets;
  if (target === undefined) throw new Error('no server');
  const session = await fleet.connector.connect(target);
  const { facts } = await collectFacts(session, makeRequest(desired), memoryClock());
  const services = facts.services.map((service) => {
    const startType = one.start_types?.[service.name];
    return service.installed && startType !== undefined ? { ...service, startType } : service;
  });
  return { ...facts, services, ...one.facts };
}

function linesOf(step: Step, direction: 'do' | 'undo'): readonly string[] {
  if (step.kind === 'exclusion')
    return (direction === 'do' ? step.commands : step.undo).map((command) => short(command.line));
  const line = direction === 'do' ? step.line : step.undo;
  return line === null ? [] : [line];
}

/** `netsh interface ipv4 add excludedportrange protocol=tcp startport=9933 numberofports=1 store=active` is written without what never varies. */
function short(line: string): string {
  return splitCommand(line).map(shortPart).join(' & ');
}

function shortPart(line: string): string {
  const parts =
    /^netsh interface (ipv[46]) (\w+) excludedportrange protocol=(\w+) startport=(\d+) numberofports=(\d+) store=(\w+)$/.exec(
      line,
    );
  if (parts === null) throw new Error(`not a netsh line: ${line}`);
  return parts.slice(1).join(' ');
}

test.each(names)('%s', async (name) => {
  const one = readCase(name);
  const desired = desiredOf(one);
  const facts = await factsOf(one, desired);
  const plan = planHost(
    { target: 'ex01', connection: saveConnection(memoryConnection), exclusiveGroup: null, desired },
    { facts, fingerprint: fingerprintFacts(facts, desired) },
  );
  const { says = [], ...expected } = one.expected;
  const planned = {
    state: plan.state,
    findings: plan.findings.map((finding) => `${finding.severity} ${finding.code}`),
    steps: plan.steps.map((step) => step.sentence),
    commands: plan.steps.flatMap((step) => linesOf(step, 'do')),
    undo: plan.steps.flatMap((step) => linesOf(step, 'undo')),
  };
  expect(planned).toMatchObject(expected);
  expect(planned.findings).toEqual(expected.findings ?? []);
  const words = plan.findings.map((finding) => `${finding.sentence} ${finding.hint ?? ''}`).join('\n');
  for (const part of says) expect(words).toContain(part);
  expect(plan.steps.length > 0).toBe(plan.state === 'changes');
});
