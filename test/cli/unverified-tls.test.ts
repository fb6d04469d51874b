// `certificate_validation: ignore` from the file to the plan and the journal: said aloud in every run, named where a run is written down.
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLab, type TestLab } from '../support/lab.ts';

let lab: TestLab;
let inventory: string;
const warning = /WARNING: certificates are not verified \(certificate_validation: ignore\)/g;

beforeAll(async () => {
  lab = await openLab([
    { name: 'ex01', listener: 'https', auth: ['ntlm'] },
    { name: 'ex02', listener: 'https', auth: ['ntlm'] },
  ]);
  const written = await readFile(lab.inventoryFile, 'utf8');
  inventory = await lab.write('ignoring.yml', written.replaceAll(/ca_file: .*/g, 'certificate_validation: ignore'));
});
afterAll(async () => {
  await lab.close();
});

test('every run says so once, on stderr, also one that applies a saved plan', async () => {
  const plan = lab.path('plan.json');
  const planned = await lab.run(['plan', '-i', inventory, '--out', plan]);
  expect(planned.exitCode).toBe(0);
  expect(planned.stderr.match(warning)).toHaveLength(1);
  expect(planned.stdout).not.toMatch(warning);
  const saved = await readFile(plan, 'utf8');
  expect(saved.match(/"validation":\s*"ignore"/g)?.length).toBe(2);

  const applied = await lab.run(['apply', plan, '-i', inventory, '--yes']);
  expect(applied.exitCode).toBe(0);
  expect(applied.stderr.match(warning)).toHaveLength(1);
  const [run = ''] = await lab.runs();
  const started = (await lab.events(run)).filter((event) => event.type === 'host-started');
  expect(started.map((event) => event.connection.tls?.validation)).toEqual(['ignore', 'ignore']);
});

test('a verified run says nothing of the kind', async () => {
  const { stderr } = await lab.run(['collect', '-i', lab.inventoryFile]);
  expect(stderr).not.toMatch(warning);
});
