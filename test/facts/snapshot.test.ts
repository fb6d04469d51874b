import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSnapshot } from '../../src/facts/read-snapshot.ts';
import { writeSnapshotHost, writeSnapshot } from '../../src/facts/snapshot.ts';
import type { Snapshot } from '../../src/facts/snapshot.ts';
import { failureCodes } from '../../src/model/failure.ts';
import { factsArbitrary, oneHost } from './some-facts.ts';

const snapshot: Snapshot = {
  takenAt: '2026-12-05T21:00:00.000Z',
  toolVersion: '0.1.0',
  hosts: [
    { target: 'ex01', facts: oneHost, failure: null },
    {
      target: 'ex02',
      facts: null,
      failure: { code: 'connect/timeout', message: 'no answer', where: 'ex02', hint: null },
    },
  ],
};
const text = textOf(snapshot);

function textOf({ hosts, ...about }: Snapshot): string {
  const texts = hosts.map(({ target, facts, failure }) => writeSnapshotHost(target, JSON.stringify(facts), failure));
  return [...writeSnapshot(about, texts)].join('');
}

function errorsOf(changed: string): readonly string[] {
  const read = readSnapshot(changed);
  return 'errors' in read ? read.errors : [];
}

describe('a snapshot', () => {
  test('of any hosts is read back', () => {
    const failure = fc.record({
      code: fc.constantFrom(...failureCodes),
      message: fc.string(),
      where: fc.option(fc.string()),
      hint: fc.option(fc.string()),
    });
    const host = fc.oneof(
      fc.record({ target: fc.string(), facts: factsArbitrary, failure: fc.constant(null) }),
      fc.record({ target: fc.string(), facts: fc.constant(null), failure }),
    );
    fc.assert(
      fc.property(fc.array(host, { maxLength: 4 }), fc.string(), (hosts, toolVersion) => {
        const any = { takenAt: snapshot.takenAt, toolVersion, hosts };
        expect(readSnapshot(textOf(any))).toEqual({ snapshot: any });
      }),
    );
  });

  test('with one character changed is refused, or says the same', () => {
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom('', '0', '7', 'x', '"', ' ', ','), (at, character) => {
        const changed = text.slice(0, at) + character + text.slice(at + 1);
        const read = readSnapshot(changed);
        if ('snapshot' in read) expect(read).toEqual({ snapshot });
        else expect(read.errors.length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });

  test('tells every fault at once, each with its place', () => {
    const changed = text
      .replace('"major":10', '"major":"ten"')
      .replace('"state":"running"', '"state":"asleep"')
      .replace('"connect/timeout"', '"connect/never"');
    expect(errorsOf(changed)).toEqual([
      expect.stringMatching(/^hosts\.0\.facts\.windows\.major: /),
      expect.stringMatching(/^hosts\.0\.facts\.services\.0\.state: /),
      expect.stringMatching(/^hosts\.1\.failure\.code: /),
    ]);
  });

  test.each([
    ['nothing', '', 'truncated or not JSON'],
    ['half of it', text.slice(0, 500), 'truncated or not JSON'],
    ['another document', '{"format":"fencepost-plan","version":1}', 'not a snapshot'],
    ['no object', '[]', 'not a snapshot'],
    ['a later version', text.replace('"version":1', '"version":2'), 'format version 2; this Fencepost reads version 1'],
    ['no version', '{"format":"fencepost-snapshot"}', 'format version none'],
    ['an edit', text.replace('"localPort":9933', '"localPort":9934'), 'does not match its digest'],
    ['a range that ends too high', text.replace('"portCount":59530', '"portCount":59532'), 'ends at 65535 or below'],
    [
      'a host with neither facts nor failure',
      text.replace(/"failure":\{[^}]*\}/, '"failure":null'),
      'either facts or a failure',
    ],
    ['a key too many', text.replace('"takenAt"', '"password":"x","takenAt"'), 'password'],
  ])('of %s is refused', (_, changed, error) => {
    expect(errorsOf(changed)).toEqual([expect.stringContaining(error) as string]);
  });
});
