// Servers of the directory that are in no inventory: what fails a verification in a terminal fails it in every CI format too.
import { expect, test } from 'vitest';
import { writeAnnotations } from '../../../src/report/ci/annotations.ts';
import { writeJunit } from '../../../src/report/ci/junit.ts';
import { writeMarkdown } from '../../../src/report/ci/markdown.ts';
import { hostNames, somePlanView } from '../view/some-views.ts';

const names = ['ex98.corp.example', 'ex99<&.corp.example'];
const many = Array.from({ length: 500 }, (_, index) => `ex${String(index)}.corp.example`);

test('JUnit has a failed case for each, and counts them', async () => {
  const view = await somePlanView('verify');
  const without = writeJunit(view);
  const junit = writeJunit({ ...view, notInInventory: names });
  const count = (text: string, name: string): number =>
    Number(new RegExp(`<testsuites[^>]* ${name}="(\\d+)"`).exec(text)?.[1]);
  expect(count(junit, 'tests')).toBe(hostNames.length + names.length);
  expect(count(junit, 'failures')).toBe(count(without, 'failures') + names.length);
  expect(count(junit, 'errors')).toBe(count(without, 'errors'));
  const suite = junit.slice(junit.lastIndexOf('<testsuite '));
  expect(suite).toMatch(/^<testsuite name="[^"]*, in no inventory" tests="2" failures="2" errors="0" skipped="0"/);
  expect(suite).toContain('name="ex98.corp.example"');
  expect(suite).toContain('name="ex99&lt;&amp;.corp.example"');
  expect(suite.match(/<failure message="[^"]+" type="not-in-inventory">/g)).toHaveLength(2);
});

test.each([
  ['none is missing', []],
  ['no directory was asked', undefined],
] as const)('where %s, nothing is said of it', async (_, notInInventory) => {
  const view = await somePlanView('verify');
  const asked = notInInventory === undefined ? view : { ...view, notInInventory };
  for (const write of [writeJunit, writeMarkdown, writeAnnotations]) expect(write(asked)).toBe(write(view));
  expect(writeJunit(asked)).not.toContain('inventory"');
});

test('the summary names them before the hosts, and says how many it leaves out', async () => {
  const view = await somePlanView('verify');
  const text = writeMarkdown({ ...view, notInInventory: names });
  expect(text).toContain('**2 Exchange servers of the directory are in no inventory** (not-in-inventory)');
  expect(text).toContain('- <code>ex98.corp.example</code>\n- <code>ex99&lt;&amp;.corp.example</code>\n');
  expect(text.indexOf('ex98')).toBeLessThan(text.indexOf('| host |'));
  const long = writeMarkdown({ ...view, notInInventory: many });
  expect(long.match(/<code>ex\d+\.corp/g)).toHaveLength(50);
  expect(long).toContain('_450 more servers not named here_');
  // However many there are, the hosts have room.
  expect(long.slice(long.indexOf('| host |'))).toBe(text.slice(text.indexOf('| host |')));
  const short = writeMarkdown({ ...view, notInInventory: many }, 2000);
  expect(Buffer.byteLength(short)).toBeLessThanOrEqual(4096);
  expect(short).toContain('500 Exchange servers');
});

test('one annotation tells of all, and the hosts keep within the ten that GitHub shows', async () => {
  const view = await somePlanView('verify');
  const [blocked] = view.hosts.filter((one) => one.standing === 'blocked');
  if (blocked === undefined) throw new Error('the view has no blocked host');
  const hosts = Array.from({ length: 20 }, (_, index) => ({ ...blocked, host: `ex${String(index)}` }));
  const lines = writeAnnotations({ ...view, hosts, notInInventory: many }).split('\n');
  expect(lines[0]).toMatch(
    /^::error title=verify \[not-in-inventory\]::500 Exchange servers of the directory are in no/,
  );
  expect(lines[0]).toContain('(490 more: see the summary)');
  const errors = lines.filter((line) => line.startsWith('::error '));
  expect(errors).toHaveLength(10);
  expect(errors.at(-1)).toMatch(/more: see the summary\)/);
});
