// A failure as a person reads it at 03:00, word for word.
import { describe, expect, test } from 'vitest';
import { Failure } from '../../../src/model/failure.ts';
import { renderFailure, renderHostFailure } from '../../../src/report/text/failure-text.ts';

describe('a failure', () => {
  test('with its fix', () => {
    const failure = new Failure(
      'run/host-locked',
      'being changed by run 20261205-221509-4f9a1c of ops on jump (process 4711) since 2026-12-05T22:15:09.000Z',
      {
        where: 'ex01',
        hint: 'wait for it, or look at it: fencepost runs show 20261205-221509-4f9a1c',
      },
    );
    expect(renderFailure(failure, false))
      .toBe(`error: ex01: being changed by run 20261205-221509-4f9a1c of ops on jump (process
  4711) since 2026-12-05T22:15:09.000Z [run/host-locked]
  fix: wait for it, or look at it: fencepost runs show 20261205-221509-4f9a1c
`);
  });

  test('of a file names every place', () => {
    const failure = new Failure('inventory/invalid', 'inventory.yml has 2 mistakes', {
      issues: [
        { file: 'inventory.yml', line: 13, column: 11, message: 'expected a port from 1 to 65535, got 70000' },
        { file: 'inventory.yml', line: 0, column: 0, message: 'no hosts' },
      ],
    });
    expect(renderFailure(failure, false)).toBe(`inventory.yml:13:11: expected a port from 1 to 65535, got 70000
inventory.yml: no hosts
error: inventory.yml has 2 mistakes [inventory/invalid]
`);
  });

  test('shows no stack but when asked', () => {
    const failure = new Failure('internal/bug', 'unexpected error: x', { cause: new Error('x') });
    expect(renderFailure(failure, false)).not.toContain('at ');
    expect(renderFailure(failure, true)).toMatch(/\n\s+at [\s\S]*caused by Error: x\n\s+at /);
  });

  test('of a host stands under its name', () => {
    const record = {
      code: 'auth/refused',
      message: 'the password of CORP\\ops was refused',
      where: 'ex01',
      hint: 'check it with: fencepost doctor --limit ex01',
    } as const;
    expect(renderHostFailure(record, 'ex01', '    ')).toBe(`    ! the password of CORP\\ops was refused [auth/refused]
      fix: check it with: fencepost doctor --limit ex01
`);
  });

  test('of a host says its address once, and not at all for several hosts', () => {
    const record = { code: 'connect/refused', message: 'nothing listens', where: '10.0.0.7:5985', hint: null } as const;
    expect(renderHostFailure(record, 'ex01', '')).toBe('! 10.0.0.7:5985: nothing listens [connect/refused]\n');
    expect(renderHostFailure(record, null, '')).toBe('! nothing listens [connect/refused]\n');
  });
});
