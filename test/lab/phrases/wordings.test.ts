// What must hold of the wording in every language, recorded or not.
import { describe, expect, it } from 'vitest';
import { fillPhrase, chooseVariant, wordings } from '../../../src/lab/phrases/wordings.ts';
import { languages, windowsReleases } from '../../../src/lab/machine/releases.ts';
import { bareMachine, runLine } from '../run-line.ts';

const isText = (value: unknown): value is string => typeof value === 'string';

describe.each(languages)('wording of %s', (language) => {
  const wording = wordings[language];

  it('keeps the protocol word, the star and the colons that stand in every recording', () => {
    for (const title of [...wording.exclusionTitles, wording.dynamicTitle]) {
      expect(fillPhrase(title, { protocol: 'udp' })).toMatch(/udp/);
    }
    for (const note of wording.footnotes) expect(note).toMatch(/^\* [-\u2014] /);
    for (const dashes of wording.exclusionDashes) expect(dashes).toMatch(/^-{8,13} {4,10}-{8,11}$/);
    for (const label of [wording.dynamicStart, wording.dynamicCount]) expect(label).toMatch(/\S\s*: $/);
    expect(wording.netstat.columns).toMatch(/^ {2}\S.* $/);
  });

  it('has no digit outside a place to fill in', () => {
    const { serviceControl, system, ...rest } = wording;
    const values = [rest, serviceControl, system]
      .flatMap((part): unknown[] => Object.values(part).flat())
      .filter(isText);
    const withDigits = values.filter((text) => /\d/.test(text) && !text.includes('32'));
    expect(values.length).toBeGreaterThan(30);
    expect(withDigits).toEqual([]);
  });

  it('prints netsh tables that differ from language to language only in words', () => {
    for (const windows of windowsReleases) {
      const machine = bareMachine({ language, windows });
      runLine(machine, 'netsh int ipv4 add excludedportrange tcp 9933 1');
      const { stdout } = runLine(machine, 'netsh int ipv6 show excludedportrange protocol=tcp');
      const kinds = stdout
        .split('\r\n')
        .map((line) => (/^ +\d/.test(line) ? 'row' : line.trim() === '' ? '' : 'words'));
      expect(kinds).toEqual(['', 'words', '', 'words', 'words', 'row', '', 'words', '', '']);
      expect(stdout).toContain('\r\n      9933        9933     *\r\n');
    }
  });
});

describe('variantFor', () => {
  it('shows the first variant from 2019 on, the last before it', () => {
    const shown = windowsReleases.map((windows) => chooseVariant(bareMachine({ windows }), ['new', 'old']));
    expect(shown).toEqual(['old', 'old', 'old', 'old', 'new', 'new', 'new']);
  });
});
