// Markdown: worst first, nothing in it that a host could have meant as markup, and never longer than GitHub takes.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FleetView } from '../../../src/report/view/fleet-view.ts';
import { cell, markdownLimitBytes, writeMarkdown } from '../../../src/report/ci/markdown.ts';
import { hostileRunView, somePlanView, someRunView } from '../view/some-views.ts';
import { anyCharacter } from '../../support/any-character.ts';

function rowsOf(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| host') && !line.startsWith('| ---'));
}

function large(view: FleetView, count: number): FleetView {
  const hosts = Array.from({ length: count }, (_, index) => {
    const host = view.hosts[index % view.hosts.length];
    if (host === undefined) throw new Error('no hosts');
    return { ...host, host: `${host.host}-${index}.paris.corp.example` };
  });
  return { ...view, hosts };
}

test('a run: counts, then what needs a person, worst first, then the rest by name', async () => {
  const text = writeMarkdown(await someRunView());
  expect(text).toContain('## Reserve the Exchange back-end ports\n');
  expect(text).toContain(
    '8 hosts: **1** failed, rolled back, **2** blocked, skipped, **1** unreachable, nothing sent, **3** changed and verified, **1** unchanged, already as desired\n',
  );
  expect(rowsOf(text).map((row) => row.split(' | ')[0])).toEqual(['| refusing', '| stranger', '| old', '| down']);
  expect(text).toContain(
    '<summary>3 hosts: changed and verified</summary>\n\n<code>bare-en</code>, <code>bare-ja</code>, <code>imap</code>',
  );
});

test('a plan names the steps of each host to change', async () => {
  const text = writeMarkdown(await somePlanView());
  expect(rowsOf(text).find((row) => row.startsWith('| imap '))).toMatch(
    /&#126; stop MSExchangeIMAP4BE.*<br>\+ reserve tcp 9933/,
  );
});

describe('length', () => {
  test.each([200, 5000, 20_000])('%i hosts stay below the limit and a line says what is left out', async (count) => {
    const text = writeMarkdown(large(await somePlanView('verify'), count));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(markdownLimitBytes);
    const shown = rowsOf(text).length;
    const troubled = (count / 8) * 7;
    const leftOut = /^_(\d+) more hosts not shown/m.exec(text)?.[1] ?? '0';
    expect(shown + Number(leftOut)).toBe(troubled);
    if (leftOut !== '0') expect(shown).toBeGreaterThan(100);
  });

  test('any limit is kept', async () => {
    const view = large(await somePlanView('verify'), 400);
    fc.assert(
      fc.property(fc.integer({ min: 4096, max: 300_000 }), (limit) => {
        expect(Buffer.byteLength(writeMarkdown(view, limit))).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 30 },
    );
  });
});

describe('text from hosts', () => {
  test('a hostile run has as many rows and cells as a kind one, and no tag that is not ours', async () => {
    const text = writeMarkdown(await hostileRunView());
    for (const row of rowsOf(text)) expect(row.match(/\|/g)).toHaveLength(5);
    expect(new Set(text.match(/<\/?[a-z]+/g))).toEqual(
      new Set(['<details', '<summary', '</summary', '<code', '</code', '</details']),
    );
    expect(text).not.toMatch(/^::/m);
  });

  test('no text leaves its cell or opens a tag, a link, code or emphasis', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (text) => {
        expect(cell(text)).not.toMatch(/[\n\r|<>`*_[\]\\@]/);
      }),
    );
  });
});

test('a host makes no link: neither by markdown, nor by a bare address', () => {
  const shown = cell('[a](http://evil.example) https://evil.example www.evil.example mailto:a@evil.example');
  expect(shown).not.toMatch(/:\/\/|www\.|mailto:|[[\]@]/);
  expect(shown.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))).toBe(
    '[a](http://evil.example) https://evil.example www.evil.example mailto:a@evil.example',
  );
});
