// Every playbook in cases/, with what must become of it in NAME.expected.yml beside it: `playbook` (whole), `warnings`, or
// `issues`. A new case needs no code.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Issue } from '../../src/model/failure.ts';
import { resolvePlaybook } from '../../src/playbook/resolve.ts';
import { readYaml } from '../../src/yaml/document.ts';

interface Expected {
  readonly playbook?: object;
  readonly warnings?: readonly string[];
  readonly issues?: readonly string[];
}

const cases = join(import.meta.dirname, 'cases');
const ending = '.expected.yml';
const names = readdirSync(cases)
  .filter((entry) => !entry.endsWith(ending))
  .map((entry) => entry.replace(/\.yml$/, ''));

function said(issues: readonly Issue[]): readonly string[] {
  return issues.map((one) => `${one.file}:${one.line}:${one.column} ${one.message}`);
}

describe('playbook cases', () => {
  test.each(names)('%s', (name) => {
    const expected = readYaml(readFileSync(join(cases, `${name}${ending}`), 'utf8'), ending).value as Expected;
    const resolved = resolvePlaybook(readYaml(readFileSync(join(cases, `${name}.yml`), 'utf8'), `${name}.yml`));
    expect(said(resolved.issues)).toEqual(expected.issues ?? []);
    expect(said(resolved.warnings)).toEqual(expected.warnings ?? []);
    if (expected.playbook !== undefined) expect(resolved.value).toEqual(expected.playbook);
    expect(resolved.value === null).toBe((expected.issues ?? []).length > 0);
  });
});
