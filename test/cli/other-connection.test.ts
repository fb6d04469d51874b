// A plan is applied, and a run rolled back and resumed, where it says. The inventory gives secrets and nothing else; one that reaches a host
// otherwise ends the command before any server hears of it.
import { access, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { EventOf, RunEvent } from '../../src/model/outcome.ts';
import type { FleetPlan, HostPlan } from '../../src/model/plan.ts';
import { writePlanFile } from '../../src/plan/plan-file.ts';
import type { CliResult } from '../support/cli.ts';
import { withLab, type TestLab } from '../support/lab.ts';
import { readPlanText } from '../support/read-plan.ts';
import { startScripted } from '../support/scripted-server.ts';

interface Hosts {
  readonly [name: string]: Readonly<Record<string, unknown>>;
}

/** An inventory that people have: Ansible's variables. */
async function writeHosts(lab: TestLab, file: string, hosts: Hosts, winrm: Readonly<Record<string, unknown>> = {}) {
  const vars = {
    ansible_connection: 'winrm',
    ansible_winrm_scheme: 'http',
    ansible_winrm_transport: 'ntlm',
    ansible_user: 'LAB\\operator',
    winrm: { password: { file: 'password' }, ...winrm },
  };
  return lab.write(file, JSON.stringify({ all: { vars, children: { exchange: { hosts } } } }));
}

const at = (lab: TestLab, name: string) => ({ ansible_host: '127.0.0.1', ansible_port: lab.fleet.server(name).port });

async function savePlan(lab: TestLab, inventory: string): Promise<string> {
  const plan = lab.path('tonight.plan');
  const { exitCode, stderr } = await lab.run(['plan', '-i', inventory, '--out', plan]);
  expect(exitCode, stderr).toBe(0);
  return plan;
}

/** Another plan with a digest of its own, as whoever edits one makes it. */
async function forge(lab: TestLab, plan: string, change: (host: HostPlan) => HostPlan): Promise<string> {
  const original: FleetPlan = readPlanText(await readFile(plan, 'utf8'), plan).plan;
  const forged = { ...original, hosts: original.hosts.map(change) };
  return lab.write('forged.plan', [...writePlanFile(forged).text].join(''));
}

function refused({ exitCode, stderr }: CliResult, code: string, ...says: readonly string[]): void {
  expect(exitCode, stderr).toBe(1);
  const words = stderr.replaceAll(/\s+/g, ' ');
  for (const one of [`[${code}]`, ...says]) expect(words).toContain(one);
}

const startedIn = (events: readonly RunEvent[]): readonly EventOf<'host-started'>[] =>
  events.filter((one) => one.type === 'host-started');

describe('apply PLAN', () => {
  test('refuses an edited ansible_host, shows both, and leaves both servers alone', async () => {
    await withLab([{ name: 'ex01' }, { name: 'decoy' }], async (lab) => {
      const inventory = await writeHosts(lab, 'prod.yml', { ex01: at(lab, 'ex01') });
      const plan = await savePlan(lab, inventory);
      const before = lab.states();
      const asked = lab.requestCount();
      const decoy = lab.fleet.server('decoy').port;
      await writeHosts(lab, 'prod.yml', { ex01: { ansible_host: 'localhost', ansible_port: decoy } });
      for (const how of ['--yes', '--dry-run']) {
        refused(
          await lab.run(['apply', plan, '-i', inventory, how]),
          'plan/other-connection',
          `ex01: address is localhost here, 127.0.0.1 in the plan`,
          `ex01: port is ${String(decoy)} here, ${String(lab.fleet.server('ex01').port)} in the plan`,
          'prod.yml:1:',
          'fencepost plan --out FILE',
        );
      }
      expect(lab.changedSince(before)).toEqual([]);
      expect(lab.requestCount()).toBe(asked);
      expect(await lab.runs()).toEqual([]);
    });
  });

  test('refuses every other way to reach or to trust a host, and lists all hosts at once', async () => {
    await withLab([{ name: 'ex01' }, { name: 'ex02' }], async (lab) => {
      const hosts = { ex01: at(lab, 'ex01'), ex02: at(lab, 'ex02') };
      const plan = await savePlan(lab, await writeHosts(lab, 'prod.yml', hosts));
      const asked = lab.requestCount();
      const others: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
        ['scheme is https here, http in the plan', { scheme: 'https' }],
        ['account is LAB\\other here, LAB\\operator in the plan', { username: 'LAB\\other' }],
        ['authentication is negotiate here, ntlm in the plan', { auth: 'negotiate' }],
        [
          `certificate fingerprint is ${'A'.repeat(64)} here, none in the plan`,
          { scheme: 'https', tls_fingerprint: 'A'.repeat(64) },
        ],
        ['path is /other here, /wsman in the plan', { path: '/other' }],
      ];
      for (const [says, winrm] of others) {
        const inventory = await writeHosts(lab, 'other.yml', hosts, winrm);
        const result = await lab.run(['apply', plan, '-i', inventory, '--yes']);
        refused(result, 'plan/other-connection', `ex01: ${says}`, `ex02: ${says}`, 'reaches 2 hosts differently');
      }
      expect(lab.requestCount()).toBe(asked);
    });
  });

  test('reaches the host as the plan says, takes the secret from the inventory, and the journal tells who was reached', async () => {
    await withLab([{ name: 'ex01' }, { name: 'ex02' }], async (lab) => {
      const hosts = { ex01: at(lab, 'ex01'), ex02: at(lab, 'ex02') };
      const plan = await savePlan(lab, await writeHosts(lab, 'prod.yml', hosts));
      expect(await readFile(plan, 'utf8')).not.toMatch(/"password":|"file":"[^"]*password"/);
      const before = lab.states();
      // Other timeouts are harmless, and the plan's are used.
      const patient = await writeHosts(lab, 'patient.yml', hosts, { connect_timeout_s: 77 });
      const { exitCode, stdout, stderr } = await lab.run(['apply', plan, '-i', patient, '--yes']);
      expect(exitCode, stderr).toBe(0);
      expect(lab.changedSince(before)).toEqual(['ex01', 'ex02']);
      const [run = ''] = await lab.runs();
      expect(stdout).toContain(`fencepost rollback ${run} -i ${patient}`);
      const started = startedIn(await lab.events(run));
      for (const server of lab.fleet.servers) {
        expect(lab.changesSent(server.name)).not.toEqual([]);
        expect(started.find((one) => one.host === server.name)?.connection).toEqual({
          address: '127.0.0.1',
          port: server.port,
          scheme: 'http',
          path: '/wsman',
          auth: 'ntlm',
          username: 'LAB\\operator',
          credential: 'password',
          caFile: null,
          tlsServerName: null,
          timeouts: { connectMs: 10_000, operationMs: 20_000, requestMs: 30_000, hostMs: 300_000 },
        });
      }
    });
  });

  test('without an inventory, or with one that lacks a host, says to name it, and nothing is sent', async () => {
    await withLab([{ name: 'ex01' }, { name: 'ex02' }], async (lab) => {
      const inventory = await writeHosts(lab, 'prod.yml', { ex01: at(lab, 'ex01'), ex02: at(lab, 'ex02') });
      const plan = await savePlan(lab, inventory);
      const asked = lab.requestCount();
      const none = await lab.run(['apply', plan, '--yes']);
      refused(none, 'secret/missing', 'no inventory was named that has the secret of 2 hosts', `-i ${inventory}`);
      const half = await writeHosts(lab, 'half.yml', { ex01: at(lab, 'ex01') });
      const result = await lab.run(['apply', plan, '-i', half, '--yes']);
      refused(result, 'secret/missing', 'the secret of 1 host: password of LAB\\operator on ex02');
      expect(lab.requestCount()).toBe(asked);
      expect(lab.changesSent()).toEqual([]);
    });
  });

  test('takes the default inventory where there is one', async () => {
    await withLab([{ name: 'ex01' }], async (lab) => {
      const plan = await savePlan(lab, await writeHosts(lab, 'prod.yml', { ex01: at(lab, 'ex01') }));
      const { mkdir } = await import('node:fs/promises');
      await mkdir(lab.path('inventory'));
      const winrm = { password: { file: '../password' } };
      await writeHosts(lab, 'inventory/prod.yml', { ex01: at(lab, 'ex01') }, winrm);
      const before = lab.states();
      const { exitCode, stdout, stderr } = await lab.run(['apply', plan, '--yes'], { cwd: lab.folder });
      expect(exitCode, stderr).toBe(0);
      expect(stdout).toMatch(/fencepost rollback \S+\n/);
      expect(lab.changedSince(before)).toEqual(['ex01']);
    });
  });
});

describe('a forged plan', () => {
  test('that leads to another server gets no secret there, with an inventory or without', async () => {
    await withLab([{ name: 'ex01' }], async (lab) => {
      const thief = await startScripted({
        onRequest: () => ({ status: 401, headers: { 'WWW-Authenticate': 'Basic' } }),
      });
      try {
        const inventory = await writeHosts(lab, 'prod.yml', { ex01: at(lab, 'ex01') });
        const plan = await savePlan(lab, inventory);
        const asked = lab.requestCount();
        const forged = await forge(lab, plan, (host) => ({
          ...host,
          connection: { ...host.connection, port: thief.port },
        }));
        refused(
          await lab.run(['apply', forged, '-i', inventory, '--yes']),
          'plan/other-connection',
          `ex01: port is ${String(lab.fleet.server('ex01').port)} here, ${String(thief.port)} in the plan`,
        );
        refused(await lab.run(['apply', forged, '--dry-run']), 'secret/missing');
        const renamed = await forge(lab, forged, (host) => ({ ...host, target: 'ex99' }));
        refused(await lab.run(['apply', renamed, '-i', inventory, '--dry-run']), 'secret/missing');
        expect([thief.connections, thief.bytes]).toEqual([0, 0]);
        expect(lab.requestCount()).toBe(asked);
      } finally {
        await thief.close();
      }
    });
  });

  test('that names a program for the password has it never run', async () => {
    await withLab([{ name: 'ex01' }], async (lab) => {
      const inventory = await writeHosts(lab, 'prod.yml', { ex01: at(lab, 'ex01') });
      const plan = await savePlan(lab, inventory);
      const argv = ['/bin/sh', '-c', `touch '${lab.path('was-run')}'; echo word`];
      const forged = await forge(lab, plan, (host) => {
        const connection = { ...host.connection, password: { kind: 'command', argv, command: argv } };
        return { ...host, connection };
      });
      for (const from of [[], ['-i', inventory]]) await lab.run(['apply', forged, '--dry-run', ...from]);
      await expect(access(lab.path('was-run'))).rejects.toThrow('ENOENT');
      expect(lab.changesSent()).toEqual([]);
    });
  });
});

describe.each(['rollback', 'resume'] as const)('%s', (command) => {
  test('refuses an inventory that reaches a host otherwise, shows both, and leaves both servers alone', async () => {
    await withLab([{ name: 'ex01' }, { name: 'decoy' }], async (lab) => {
      const inventory = await writeHosts(lab, 'prod.yml', { ex01: at(lab, 'ex01') });
      const untouched = lab.states();
      // A second is not enough to begin a host in, so that there is something to resume.
      const deadline = command === 'resume' ? ['--deadline', '1s'] : [];
      const applied = await lab.run(['apply', '-i', inventory, '--yes', ...deadline]);
      expect(applied.exitCode, applied.stderr).toBe(command === 'resume' ? 3 : 0);
      const [run = ''] = await lab.runs();
      const before = lab.states();
      const asked = lab.requestCount();
      const decoy = lab.fleet.server('decoy').port;
      await writeHosts(lab, 'prod.yml', { ex01: { ansible_host: 'localhost', ansible_port: decoy } });
      for (const how of command === 'rollback' ? ['--yes', '--dry-run'] : ['--yes']) {
        refused(
          await lab.run([command, run, '-i', inventory, how]),
          'run/other-connection',
          'ex01: address is localhost here, 127.0.0.1 in the run',
          `ex01: port is ${String(decoy)} here, ${String(lab.fleet.server('ex01').port)} in the run`,
        );
      }
      refused(await lab.run([command, run, '--yes']), 'secret/missing', `-i ${inventory}`);
      expect(lab.changedSince(before)).toEqual([]);
      expect(lab.requestCount()).toBe(asked);

      const right = await writeHosts(lab, 'right.yml', { ex01: at(lab, 'ex01') });
      const { exitCode, stderr } = await lab.run([command, run, '-i', right, '--yes']);
      expect(exitCode, stderr).toBe(0);
      expect(lab.changedSince(untouched)).toEqual(command === 'rollback' ? [] : ['ex01']);
      const last = (await lab.runs()).at(-1) ?? '';
      expect(startedIn(await lab.events(last)).map((one) => one.connection.port)).toEqual([
        lab.fleet.server('ex01').port,
      ]);
    });
  });
});

describe('--untrusted-inventory', () => {
  test('plans its hosts with the secret of the protected inventory, and sends that nowhere else', async () => {
    await withLab([{ name: 'ex01' }, { name: 'ex02' }], async (lab) => {
      const thief = await startScripted({});
      try {
        const known = await writeHosts(lab, 'prod.yml', { ex01: at(lab, 'ex01'), ex02: at(lab, 'ex02') });
        const hostsOf = async (hosts: Hosts): Promise<string> => {
          const vars = { ansible_user: 'LAB\\operator', winrm: { scheme: 'http', auth: 'ntlm' } };
          const all = { vars, children: { exchange: { hosts } } };
          return lab.write('pull-request.yml', JSON.stringify({ all }));
        };
        const plan = lab.path('tonight.plan');
        const from = ['-i', known, '--untrusted-inventory', await hostsOf({ ex02: at(lab, 'ex02') })];
        const planned = await lab.run(['plan', ...from, '--out', plan]);
        expect(planned.exitCode, planned.stderr).toBe(0);
        expect(lab.requestCount('ex01')).toBe(0);
        const before = lab.states();
        refused(await lab.run(['apply', plan, ...from, '--yes']), 'usage/invalid');
        const applied = await lab.run(['apply', plan, '-i', known, '--yes']);
        expect(applied.exitCode, applied.stderr).toBe(0);
        expect(lab.changedSince(before)).toEqual(['ex02']);

        const asked = lab.requestCount();
        await hostsOf({ ex01: at(lab, 'ex01'), ex02: { ansible_host: '127.0.0.1', ansible_port: thief.port } });
        for (const command of ['plan', 'collect', 'verify', 'doctor', 'apply', 'inventory']) {
          const says = `ex02: the protected inventory has no http://127.0.0.1:${String(thief.port)}`;
          refused(await lab.run([command, ...from]), 'inventory/untrusted', says, 'pull-request.yml:1:');
        }
        expect([thief.connections, lab.requestCount()]).toEqual([0, asked]);
      } finally {
        await thief.close();
      }
    });
  });
});
