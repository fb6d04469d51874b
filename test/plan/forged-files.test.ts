// Every field of the other files that somebody may forge: a snapshot (its digest made again), a playbook, a scenario, an inventory of a
// pull request. Refused in words, or exactly what is written there and harmless. Plans and journals: forged-fields.test.ts of their rooms.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { readSnapshot } from '../../src/facts/read-snapshot.ts';
import { writeSnapshot, writeSnapshotHost } from '../../src/facts/snapshot.ts';
import type { Inventory } from '../../src/inventory/inventory.ts';
import { resolveInventory } from '../../src/inventory/resolve.ts';
import { reachAsProtected, type Trust } from '../../src/inventory/untrusted.ts';
import { readScenario } from '../../src/lab/scenario/scenario.ts';
import { Failure } from '../../src/model/failure.ts';
import { resolvePlaybook } from '../../src/playbook/resolve.ts';
import { readYaml } from '../../src/yaml/document.ts';
import { oneHost } from '../facts/some-facts.ts';
import type { Json } from '../support/forge.ts';
import { forgeEachField, type ForgedField } from '../support/forged-fields.ts';

const places = Number(process.env['FENCEPOST_MUTANTS'] ?? 0) >= 100_000 ? Number.POSITIVE_INFINITY : 1;

/** Forges each field of it; `accept` judges one and says whether it was read. Both kinds have to be there. */
function forgeAll(honest: Json, accept: (forged: Json, about: string) => boolean): void {
  const counts = { accepted: 0, refused: 0 };
  expect(accept(honest, 'as it is')).toBe(true);
  for (const { path, value, forged } of forgeEachField(honest, places) as Iterable<ForgedField>) {
    counts[accept(forged, `${path}: ${JSON.stringify(value)}`) ? 'accepted' : 'refused'] += 1;
  }
  expect(counts.accepted).toBeGreaterThan(0);
  expect(counts.refused).toBeGreaterThan(counts.accepted);
}

const asYaml = (json: Json) => readYaml(JSON.stringify(json), 'forged.yml');

test('a snapshot is read as what it says, to the last key, or refused', () => {
  const failure = { code: 'connect/timeout', message: 'no answer', where: 'ex02', hint: null } as const;
  const hosts = [writeSnapshotHost('ex01', JSON.stringify(oneHost), null), writeSnapshotHost('ex02', 'null', failure)];
  const about = { takenAt: '2026-12-05T21:00:00.000Z', toolVersion: '0.1.0' };
  const whole = JSON.parse([...writeSnapshot(about, hosts)].join('')) as { [key: string]: Json };
  const { format, version, takenAt, toolVersion, hosts: saved } = whole;
  const content = { takenAt, toolVersion, hosts: saved } as Json;
  forgeAll(content, (forged, path) => {
    const said = forged as { [key: string]: Json };
    const list = JSON.stringify([said['takenAt'], said['toolVersion'], said['hosts']]);
    const digest = createHash('sha256').update(list).digest('hex');
    const read = readSnapshot(JSON.stringify({ format, version, digest, ...said }));
    if ('errors' in read) expect(read.errors.length, path).toBeGreaterThan(0);
    else expect(read.snapshot, path).toEqual(forged);
    return 'snapshot' in read;
  });
});

test('a playbook names ranges of ports and short names of services, or is refused', () => {
  const playbook: Json = {
    name: 'Reserve',
    hosts: 'dag1:&paris:!ex03*',
    exclusions: [
      { port: 9933, protocol: 'tcp', families: ['ipv4', 'ipv6'], for: 'MSExchangeIMAP4BE' },
      { range: '9900-9909', protocol: 'udp', state: 'absent' },
      { first: 9950, count: 10, protocol: 'udp' },
    ],
    when_held: { by_own_service: 'restart', by_other: 'block' },
    strategy: { canary: 2, batches: [1, '25%', '100%'], concurrency: 20, max_failed: '10%', pause_s: 1.5 },
    window: { opens: '2026-12-05T22:00:00+01:00', closes: '2026-12-06T02:00:00+01:00' },
    on_failure: 'rollback_run',
  };
  forgeAll(playbook, (forged, path) => {
    const { value, issues } = resolvePlaybook(asYaml(forged));
    expect(value === null, path).toBe(issues.length > 0);
    for (const one of value?.exclusions ?? []) {
      expect(one.service ?? 'none', path).toMatch(/^[\w.$@{}~+-]+$/);
      if ('port' in one) continue;
      const { range } = one;
      expect(Number.isInteger(range.firstPort) && Number.isInteger(range.portCount), path).toBe(true);
      expect(range.firstPort > 0 && range.portCount > 0 && range.firstPort + range.portCount <= 65_536, path).toBe(
        true,
      );
    }
    return value !== null;
  });
});

test('a scenario of the lab is read or refused in words', () => {
  const scenario: Json = {
    defaults: { language: 'de', windows: 2016, quirks: { one_list: false } },
    servers: [{ name: 'ex[01:02].corp', groups: ['exchange'], language: 'fr', listener: 'https', auth: ['ntlm'] }],
  };
  forgeAll(scenario, (forged, path) => {
    const { value, issues } = readScenario(asYaml(forged));
    expect(value === null, path).toBe(issues.length > 0);
    return value !== null;
  });
});

function inventoryOf(json: Json, trust: Trust): Inventory | null {
  const { value, warnings } = resolveInventory([asYaml(json)], [], undefined, trust);
  return value === null ? null : { ...value, warnings, files: [], sha256: '' };
}

test('an inventory of a pull request reaches its hosts as the protected one does, or is refused', () => {
  const shared = { username: 'CORP\\svc', scheme: 'https', auth: 'ntlm', port: 5986, path: '/wsman' };
  const hosts = { ex01: { winrm: { address: '10.0.0.1' } }, ex02: { winrm: { address: '10.0.0.2' } } };
  const secret = { password: { env: 'SECRET' }, ca_file: '/etc/ca.pem' };
  const known = inventoryOf({ all: { vars: { winrm: { ...shared, ...secret } }, hosts } }, 'protected');
  if (known === null) throw new Error('the protected inventory is not read');
  const proposed: Json = {
    all: { vars: { winrm: shared }, hosts, children: { tonight: { hosts: { ex01: { rack: 7 } } } } },
  };
  const allowed = known.targets.map((one) => JSON.stringify(one.connection));
  forgeAll(proposed, (forged, path) => {
    const inventory = inventoryOf(forged, 'untrusted');
    if (inventory === null) return false;
    try {
      for (const { connection } of reachAsProtected(inventory, known).targets) {
        expect(allowed, path).toContain(JSON.stringify(connection));
      }
      return true;
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      expect(thrown.code, path).toBe('inventory/untrusted');
      return false;
    }
  });
});
