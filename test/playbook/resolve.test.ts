import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { covers, lastPort, overlaps } from '../../src/model/port-range.ts';
import { resolvePlaybook, resolveDesired } from '../../src/playbook/resolve.ts';
import { loadPlaybook } from '../../src/playbook/load.ts';
import { Failure } from '../../src/model/failure.ts';
import type { Target } from '../../src/model/target.ts';
import { readYaml } from '../../src/yaml/document.ts';

const shipped = 'playbooks/exchange-backend-ports.yml';

const target: Target = {
  name: 'ex01',
  connection: {
    address: 'ex01',
    port: 5985,
    scheme: 'http',
    path: '/wsman',
    auth: 'ntlm',
    username: 'u',
    password: { kind: 'prompt' },
    caFile: null,
    tlsServerName: null,
    timeouts: { connectMs: 1, operationMs: 1, requestMs: 2, hostMs: 3 },
  },
  groups: [],
  variables: {},
  origin: { file: 'i.yml', line: 1, column: 1 },
};

describe('the shipped playbook', () => {
  test('wants 9933 and 9955 on tcp, both families', async () => {
    const { playbook, warnings, sha256 } = await loadPlaybook(shipped);
    expect(warnings).toEqual([]);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(resolveDesired(playbook, target)).toEqual({
      exclusions: [
        {
          range: { firstPort: 9933, portCount: 1 },
          protocol: 'tcp',
          families: ['ipv4', 'ipv6'],
          presence: 'present',
          service: 'MSExchangeIMAP4BE',
        },
        {
          range: { firstPort: 9955, portCount: 1 },
          protocol: 'tcp',
          families: ['ipv4', 'ipv6'],
          presence: 'present',
          service: 'MSExchangePOP3BE',
        },
      ],
      whenHeldByOwnService: 'restart',
    });
    expect(playbook.strategy).toMatchObject({ canary: 1, oneAtATimeBy: 'availability_group', concurrency: 50 });
  });
});

describe('loadPlaybook', () => {
  test.each([
    ['playbooks/nowhere.yml', "the playbook can't be read: it does not exist"],
    ['playbooks', "the playbook can't be read: it is a directory"],
  ])('%s is unreadable', async (path, message) => {
    await expect(loadPlaybook(path)).rejects.toMatchObject({ code: 'playbook/unreadable', message, where: path });
  });

  test('an invalid one fails with all its issues', async () => {
    const failure: unknown = await loadPlaybook('test/playbook/cases/overlaps.yml').catch((thrown: unknown) => thrown);
    if (!(failure instanceof Failure)) expect.fail('expected a Failure');
    expect([failure.code, failure.message, failure.where]).toEqual([
      'playbook/invalid',
      'the playbook has 7 faults; nothing was changed',
      'test/playbook/cases/overlaps.yml:5:5',
    ]);
    expect(failure.issues).toHaveLength(7);
  });
});

test('ranges of one protocol and family that share a port are refused, and no others', () => {
  const range = fc.tuple(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 20 }));
  const entry = fc.record({
    range,
    protocol: fc.constantFrom('tcp', 'udp'),
    families: fc.constantFrom<readonly string[]>(['ipv4'], ['ipv6'], ['ipv4', 'ipv6']),
  });
  fc.assert(
    fc.property(entry, entry, (a, b) => {
      const written = [a, b].map(({ range: [first, count], protocol, families }) => ({
        first,
        count,
        protocol,
        families,
      }));
      const text = JSON.stringify({ name: 'n', hosts: 'all', exclusions: written });
      const [one, other] = [a, b].map(({ range: [firstPort, portCount] }) => ({ firstPort, portCount }));
      if (one === undefined || other === undefined) return;
      const clash =
        a.protocol === b.protocol && a.families.some((family) => b.families.includes(family)) && overlaps(one, other);
      const { value } = resolvePlaybook(readYaml(text, 'p.yml'));
      expect(value === null).toBe(clash);
    }),
  );
});

test('port, range and first with count say the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 65_535 }), fc.integer({ min: 0, max: 500 }), (first, more) => {
      const last = Math.min(65_535, first + more);
      const resolve = (exclusion: object): unknown => {
        const text = JSON.stringify({ name: 'n', hosts: 'all', exclusions: [exclusion] });
        const [one] = resolvePlaybook(readYaml(text, 'p.yml')).value?.exclusions ?? [];
        return one !== undefined && 'range' in one ? one.range : null;
      };
      const expected = { firstPort: first, portCount: last - first + 1 };
      expect(resolve({ range: `${first}-${last}` })).toEqual(expected);
      expect(resolve({ first, count: last - first + 1 })).toEqual(expected);
      if (first === last) expect(resolve({ port: first })).toEqual(expected);
      expect(lastPort(expected)).toBe(last);
      expect(covers(expected, { firstPort: first, portCount: 1 })).toBe(true);
    }),
  );
});

test('any one changed line of the shipped playbook is read or refused with its place, never thrown at', () => {
  const lines = readFileSync(shipped, 'utf8').split('\n');
  fc.assert(
    fc.property(fc.nat(lines.length - 1), fc.string({ maxLength: 30 }), (at, line) => {
      const text = lines.toSpliced(at, 1, line).join('\n');
      const { value, issues } = resolvePlaybook(readYaml(text, 'p.yml'));
      expect(value === null).toBe(issues.length > 0);
      for (const issue of issues) expect(issue.line).toBeGreaterThan(0);
    }),
  );
});

test('the shipped playbook with its back-end entries in place of the numbers is read, and asks for nothing else', () => {
  const text = readFileSync(shipped, 'utf8');
  const switched = text
    .replaceAll(/^  - (?=\{ port: 99)/gm, '  # - ')
    .replaceAll(/^  # - (?=\{ port: backend)/gm, '  - ');
  const before = resolvePlaybook(readYaml(text, 'p.yml')).value;
  const { value, issues, warnings } = resolvePlaybook(readYaml(switched, 'p.yml'));
  expect([issues, warnings]).toEqual([[], []]);
  const both = { protocol: 'tcp', families: ['ipv4', 'ipv6'], presence: 'present' };
  expect(value).toEqual({
    ...before,
    exclusions: ['MSExchangeIMAP4BE', 'MSExchangePOP3BE'].map((service) => ({ ...both, port: 'backend', service })),
  });
});
