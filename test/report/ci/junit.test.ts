// JUnit: well-formed whatever a host prints, every host one case, counts that agree with the cases.
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { describe, expect, test } from 'vitest';
import { visibleText } from '../../../src/model/text/visible-text.ts';
import { escapeXml, writeJunit } from '../../../src/report/ci/junit.ts';
import { hostileRunView, hostNames, somePlanView, someRun, someRunView, viewEvents } from '../view/some-views.ts';
import { anyCharacter } from '../../support/any-character.ts';

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

/** Throws on anything that is not well-formed XML 1.0. */
function parse(xml: string): Element {
  const root: Element = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element: Element = { name, attributes: { ...attributes }, children: [], text: '' };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('text', (text) => {
    const element = open.at(-1);
    if (element !== undefined) element.text += text;
  });
  parser.on('closetag', () => void open.pop());
  parser.write(xml).close();
  const [first] = root.children;
  if (first === undefined) throw new Error('empty');
  return first;
}

function casesOf(suites: Element): readonly Element[] {
  return suites.children.flatMap((suite) => suite.children);
}

function kindOf(element: Element): string {
  return element.children.find((one) => ['failure', 'error', 'skipped'].includes(one.name))?.name ?? 'passed';
}

describe('a verification', () => {
  test('one suite, every host one case with what it stands for', async () => {
    const suites = parse(writeJunit(await somePlanView('verify')));
    expect(suites.children.map((one) => one.attributes['name'])).toEqual(['Reserve the Exchange back-end ports']);
    expect(casesOf(suites).map((one) => one.attributes['name'])).toEqual(hostNames);
    expect(casesOf(suites).map(kindOf)).toEqual([
      'failure',
      'failure',
      'passed',
      'failure',
      'failure',
      'failure',
      'failure',
      'error',
    ]);
    expect(suites.attributes).toMatchObject({ tests: '8', failures: '6', errors: '1' });
    // The schema of Jenkins has no such attribute there.
    expect(suites.attributes).not.toHaveProperty('skipped');
  });

  test('a failure has the code as its type, and the cure in its text', async () => {
    const old = casesOf(parse(writeJunit(await somePlanView('verify')))).find(
      (one) => one.attributes['name'] === 'old',
    );
    const failure = old?.children.find((one) => one.name === 'failure');
    expect(failure?.attributes['type']).toBe('netsh-too-old');
    expect(failure?.text).toContain('KB2665809');
    expect(old?.attributes).toMatchObject({ file: 'inventory/prod.yml', line: '10' });
  });
});

test('in a plan, pending changes are no failures', async () => {
  const kinds = casesOf(parse(writeJunit(await somePlanView('plan')))).map(kindOf);
  expect(kinds).toEqual(['passed', 'passed', 'passed', 'passed', 'passed', 'failure', 'failure', 'error']);
});

describe('a run', () => {
  test('a suite for each batch and one for the hosts in none; counts agree with the cases', async () => {
    const suites = parse(writeJunit(await someRunView()));
    expect(suites.children.map((one) => one.attributes['name']?.replace(/^.*, run a-run, /, ''))).toEqual([
      'batch 1',
      'batch 2',
      'not in a batch',
    ]);
    for (const suite of [suites, ...suites.children]) {
      const cases = suite === suites ? casesOf(suites) : suite.children;
      const count = (kind: string): string => String(cases.filter((one) => kindOf(one) === kind).length);
      expect(suite.attributes).toMatchObject({
        tests: String(cases.length),
        failures: count('failure'),
        errors: count('error'),
        ...(suite === suites ? {} : { skipped: count('skipped') }),
      });
    }
  });

  test('hosts that the run did not come to are skipped', async () => {
    const { plan, events } = await someRun();
    const batch = events.findIndex((event) => event.type === 'batch-finished');
    const cases = casesOf(parse(writeJunit(viewEvents(events.slice(0, batch + 1), plan))));
    expect(cases.filter((one) => kindOf(one) === 'skipped').map((one) => one.attributes['name'])).toContain('imap');
  });
});

describe('text from hosts', () => {
  test('a hostile run is well-formed, and no text becomes an element', async () => {
    const suites = parse(writeJunit(await hostileRunView()));
    const names = new Set<string>();
    const visit = (element: Element): void => {
      names.add(element.name);
      element.children.forEach(visit);
    };
    visit(suites);
    const known = ['testsuites', 'testsuite', 'testcase', 'failure', 'error', 'skipped', 'system-out', 'system-err'];
    expect([...names].filter((name) => !known.includes(name))).toEqual([]);
    expect(casesOf(suites)).toHaveLength(hostNames.length);
  });

  test('any text at all comes back, what XML forbids or nobody sees as visible text', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (text) => {
        const { attributes, text: content } = parse(`<a b="${escapeXml(text)}">${escapeXml(text)}</a>`);
        const shown = visibleText(text.replaceAll(/\r\n?/g, '\n')).replaceAll(/[\uFFFE\uFFFF]/g, '\uFFFD');
        expect([content, attributes['b']]).toEqual([shown, shown]);
      }),
    );
  });
});
