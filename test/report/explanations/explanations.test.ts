// The pages of `explain`: every code has one, every page has a code, and each says what it means, why, and what to run.
import { describe, expect, test } from 'vitest';
import { failureCodes } from '../../../src/model/failure.ts';
import { verdicts } from '../../../src/model/outcome.ts';
import { findingCodes } from '../../../src/model/plan.ts';
import { changingPages } from '../../../src/report/explanations/changing.ts';
import { runPages } from '../../../src/report/explanations/runs.ts';
import { explanations } from '../../../src/report/explanations/explanations.ts';
import { directoryPages } from '../../../src/report/explanations/directory.ts';
import { guardPages } from '../../../src/report/explanations/guards.ts';
import { inputPages } from '../../../src/report/explanations/input.ts';
import { kerberosPages } from '../../../src/report/explanations/kerberos.ts';
import { protocolPages } from '../../../src/report/explanations/protocol.ts';
import { reachingPages } from '../../../src/report/explanations/reaching.ts';
import { statePages } from '../../../src/report/explanations/state.ts';
import { renderExplanation, renderExplanationList } from '../../../src/report/text/explanation-text.ts';

const codes: readonly string[] = [...failureCodes, ...findingCodes, 'not-in-inventory', ...verdicts];

test('every code has its page and every page its code, each once', () => {
  expect(explanations.map((page) => page.code)).toEqual(codes);
  expect(new Set(codes).size).toBe(codes.length);
  const written = [
    inputPages,
    reachingPages,
    kerberosPages,
    protocolPages,
    changingPages,
    runPages,
    guardPages,
    statePages,
    directoryPages,
  ].flatMap((pages) => Object.keys(pages));
  expect(written.toSorted()).toEqual([...failureCodes].toSorted());
});

describe.each(explanations)('$code', (page) => {
  test('has meaning, causes and cures, at least one to run or to do', () => {
    expect(page.meaning).toMatch(/^[A-Z].*\.$/s);
    expect(page.causes.length).toBeGreaterThan(0);
    for (const cause of page.causes) expect(cause).toMatch(/^\S.*[^.\s]$/);
    expect(page.cures.length).toBeGreaterThan(0);
    for (const { what, command } of page.cures) {
      expect(what).toMatch(/^\S.*[^.\s]$/);
      expect(command).not.toBe('');
      expect(command ?? '').not.toMatch(/\n/);
    }
  });

  test('points only at pages there are, and not at itself', () => {
    for (const code of page.see) expect(codes).toContain(code);
    expect(page.see).not.toContain(page.code);
  });

  test('is printed with each command on a line of its own', () => {
    const lines = renderExplanation(page).split('\n');
    expect(lines[0]).toMatch(new RegExp(`^${page.code} \\(`));
    for (const { command } of page.cures) if (command !== null) expect(lines).toContain(`      ${command}`);
  });
});

test('the list has every code with one sentence', () => {
  const lines = renderExplanationList(explanations).split('\n');
  for (const code of codes) {
    expect([code, lines.filter((line) => new RegExp(`^ {2}${code} +\\S.*[^.:]$`).test(line)).length]).toEqual([
      code,
      1,
    ]);
  }
});
