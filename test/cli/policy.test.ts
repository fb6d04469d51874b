// policy.yml beside the inventory, against a lab: plan, apply and verify hold it, and no server is changed by what it does not allow.
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectExit } from '../support/expect-exit.ts';
import { withLab, type TestLab } from '../support/lab.ts';

interface ErrorDocument {
  readonly error: {
    readonly code: string;
    readonly issues: readonly { readonly file: string; readonly line: number; readonly message: string }[];
  };
}

async function errorOf(lab: TestLab, ...args: readonly string[]): Promise<ErrorDocument['error']> {
  const result = await lab.run([...args, '--json']);
  expectExit(result, 1);
  return (JSON.parse(result.stdout) as ErrorDocument).error;
}

/** A program that keeps what it is given and then does as told. */
async function writeHook(lab: TestLab, end: string): Promise<string> {
  const file = await lab.write('hook.sh', `#!/bin/sh\ncat > "${lab.path('given.json')}"\n${end}\n`);
  await chmod(file, 0o700);
  return file;
}

test('plan, verify and apply refuse what it does not allow, with its lines, and change nothing', async () => {
  await withLab([{ name: 'ex01' }, { name: 'ex02' }], async (lab) => {
    const inventory = ['-i', lab.inventoryFile];
    const plan = lab.path('tonight.plan');
    expectExit(await lab.run(['plan', ...inventory, '--out', plan]), 0);
    const before = lab.states();
    const policy = await lab.write('policy.yml', '# ours\nmax_hosts: 1\nports: [9933]\n');

    const refused = await errorOf(lab, 'apply', plan, ...inventory, '--yes');
    expect([refused.code, refused.issues.map(({ file, line, message }) => [file, line, message])]).toEqual([
      'policy/breach',
      [
        [policy, 2, 'max_hosts: at most 1 host may be changed, the plan changes 2'],
        [policy, 3, 'ports: tcp 9955 may not be touched'],
      ],
    ]);
    expect((await errorOf(lab, 'plan', ...inventory, '--out', lab.path('new.plan'))).code).toBe('policy/breach');
    expect((await errorOf(lab, 'apply', ...inventory, '--yes')).code).toBe('policy/breach');
    const compared = await errorOf(lab, 'verify', ...inventory);
    expect(compared.issues.map((one) => one.message)).toEqual(['ports: tcp 9955 may not be touched']);
    expect([lab.changedSince(before), await lab.runs()]).toEqual([[], []]);

    await writeFile(policy, 'max_hosts: 2\nports: [9933, 9955]\n');
    const named = await lab.write('stricter.yml', 'services: []\n');
    expect((await errorOf(lab, 'apply', plan, ...inventory, '--policy', named, '--yes')).code).toBe('policy/breach');
    await writeFile(policy, 'max_host: 2\n');
    expect((await errorOf(lab, 'apply', plan, ...inventory, '--yes')).code).toBe('policy/invalid');
    await rm(policy);
    await mkdir(policy);
    expect((await errorOf(lab, 'apply', plan, ...inventory, '--yes')).code).toBe('policy/unreadable');
    expect(lab.changedSince(before)).toEqual([]);

    await rm(policy, { recursive: true });
    await writeFile(policy, 'max_hosts: 2\nports: [9933, 9955]\n');
    expectExit(await lab.run(['apply', plan, ...inventory, '--yes']), 0);
    expect(lab.changedSince(before)).toEqual(['ex01', 'ex02']);
  });
});

test('its program gets the plan as JSON and decides by its exit code; its words are quoted and bounded', async () => {
  await withLab([{ name: 'ex01' }], async (lab) => {
    const inventory = ['-i', lab.inventoryFile];
    const hook = await writeHook(lab, 'printf "not on\\033[2J fridays %01000d" 0; exit 3');
    await lab.write('policy.yml', `policy: { command: ["${hook}"] }\n`);
    const { code, issues } = await errorOf(lab, 'plan', ...inventory);
    expect(code).toBe('policy/breach');
    expect(issues[0]?.message).toMatch(/hook\.sh refuses the plan with exit code 3: "not on\?\[2J fridays 0+\.\.\."$/);
    expect(issues[0]?.message.length).toBeLessThan(700);
    await writeHook(lab, `grep -q '"schema": "fencepost/plan"' "${lab.path('given.json')}" && test -z "$SECRET"`);
    expectExit(await lab.run(['plan', ...inventory], { env: { SECRET: 'x' } }), 0);
    await writeHook(lab, `grep -q '"schema": "fencepost/verify"' "${lab.path('given.json')}"`);
    expectExit(await lab.run(['verify', ...inventory]), 2);
    await rm(hook);
    expect((await errorOf(lab, 'plan', ...inventory)).issues[0]?.message).toContain('it does not exist');
  });
});

test('is looked for in and beside a directory, and never beside an untrusted inventory', async () => {
  await withLab([{ name: 'ex01' }], async (lab) => {
    const folder = lab.path('inventory');
    await mkdir(folder);
    const text = `all: { children: { exchange: { hosts: { ex01: {} } } } }\n`;
    await writeFile(join(folder, 'prod.yml'), text);
    await writeFile(join(folder, 'policy.yml'), 'max_host: 1\n');
    expect((await errorOf(lab, 'plan', '-i', folder)).code).toBe('policy/invalid');
    const ours = ['plan', '-i', lab.inventoryFile, '--untrusted-inventory'];
    const theirs = join(folder, 'prod.yml');
    expect((await errorOf(lab, ...ours, theirs)).code).not.toBe('policy/invalid');
  });
});

test('writes the approvals it requires into the plan, and apply asks for them', async () => {
  await withLab([{ name: 'ex01' }], async (lab) => {
    const inventory = ['-i', lab.inventoryFile];
    const before = lab.states();
    await lab.write('signers', '');
    const policy = await lab.write('policy.yml', 'approvals: { required: 2, signers: signers, not_by: planner }\n');
    const plan = lab.path('tonight.plan');
    const made = await lab.run(['plan', ...inventory, '--out', plan, '--json']);
    expectExit(made, 0);
    expect((JSON.parse(made.stdout) as { policy: { approvals: unknown } }).policy.approvals).toEqual({
      required: 2,
      notBy: 'planner',
    });
    expect((await errorOf(lab, 'apply', plan, ...inventory, '--yes')).code).toBe('approval/missing');
    expect((await errorOf(lab, 'apply', ...inventory, '--yes')).code).toBe('approval/missing');
    // The plan still asks for them where the policy is gone.
    await rm(policy);
    expect((await errorOf(lab, 'apply', plan, ...inventory, '--yes')).code).toBe('usage/invalid');
    expect(lab.changedSince(before)).toEqual([]);
  });
});
