// Approvals with real OpenSSH: two people approve a plan, and it is applied; whatever is wrong with an approval is said, and nothing is
// changed on any server.
import { chmod, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { expectExit } from '../support/expect-exit.ts';
import { withLab, type TestLab } from '../support/lab.ts';
import { makePerson, missingSshKeygen, writeSigners, type SshPerson } from '../support/ssh-keys.ts';

const missing = await missingSshKeygen();

async function savePlan(lab: TestLab, name = 'tonight.plan'): Promise<string> {
  const file = lab.path(name);
  expectExit(await lab.run(['plan', '-i', lab.inventoryFile, '--out', file]), 0);
  return file;
}

const approve = (lab: TestLab, plan: string, { keyFile }: SshPerson, ...more: readonly string[]) =>
  lab.run(['approve', plan, '--sign-key', keyFile, '--yes', ...more]);

const apply = (lab: TestLab, plan: string, signers: string, ...more: readonly string[]) =>
  lab.run(['apply', plan, '-i', lab.inventoryFile, '--yes', '--require-approvals', '2', '--signers', signers, ...more]);

/** Long messages are wrapped. */
const onOneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');

async function approvalFiles(plan: string): Promise<readonly string[]> {
  return (await readdir(`${plan}.approvals`)).map((name) => `${plan}.approvals/${name}`);
}

describe.skipIf(missing !== null)('a plan that needs two approvals', () => {
  test('is applied once two people approved it; who they were stands in the journal and in the last line', async () => {
    await withLab([{ name: 'ex01' }, { name: 'ex02' }], async (lab) => {
      const plan = await savePlan(lab);
      const [alice, bob] = [await makePerson(lab.folder, 'alice'), await makePerson(lab.folder, 'bob@corp.example')];
      const signers = await writeSigners(lab.path('signers'), [alice, bob]);
      const before = lab.states();

      const none = await apply(lab, plan, signers);
      expectExit(none, 1);
      expect(onOneLine(none.stderr)).toContain('needs 2 approvals and has 0');
      const dry = await apply(lab, plan, signers, '--dry-run');
      expectExit(dry, 1);
      expect(onOneLine(dry.stderr)).toContain('needs 2 approvals and has 0');
      // Without a terminal it is refused; what somebody would be asked about is shown all the same.
      const unseen = await lab.run(['approve', plan, '--sign-key', alice.keyFile, '--json']);
      expectExit(unseen, 1);
      expect(unseen.stderr).toMatch(/ {2}account {2}LAB\\operator\n/);
      expect(JSON.parse(unseen.stdout)).toMatchObject({ schema: 'fencepost/error' });
      const approved = await approve(lab, plan, alice, '--change', 'CHG0012345');
      expectExit(approved, 0);
      // What is signed is shown: where, as whom, every command and its inverse.
      expect(approved.stdout).toMatch(/ {2}address {2}http:.*\n {2}account {2}LAB\\operator\n/);
      expect(approved.stdout).toMatch(
        /sends {5}netsh interface ipv4 add .*\n[^]* {7}undo {6}netsh interface ipv4 delete /,
      );
      const one = await apply(lab, plan, signers);
      expectExit(one, 1);
      expect(onOneLine(one.stderr)).toContain('has 1, by alice');
      expect([lab.changedSince(before), await lab.runs()]).toEqual([[], []]);

      expectExit(await approve(lab, plan, bob), 0);
      expectExit(await apply(lab, plan, signers, '--dry-run'), 0);
      expect([lab.changedSince(before), await lab.runs()]).toEqual([[], []]);
      const both = await apply(lab, plan, signers);
      expectExit(both, 0);
      const last = both.stdout.trimEnd().split('\n').at(-1) ?? '';
      expect(last).toMatch(/^Approved by /);
      expect(last).toContain('alice (CHG0012345)');
      expect(last).toContain('bob@corp.example');
      expect(lab.changedSince(before)).toEqual(['ex01', 'ex02']);
      const [run = ''] = await lab.runs();
      const [started] = await lab.events(run);
      if (started?.type !== 'run-started') throw new Error('no run-started');
      expect(started.approvals?.map(({ by, change }) => `${by} ${String(change)}`).sort()).toEqual([
        'alice CHG0012345',
        'bob@corp.example null',
      ]);
      expect((await lab.run(['runs', 'show', run])).stdout).toContain('alice (CHG0012345)');
    });
  });

  test('is refused for each approval that does not count, with the reason, and no server is changed', async () => {
    await withLab([{ name: 'ex01' }], async (lab) => {
      const plan = await savePlan(lab);
      const people: Record<string, SshPerson> = {};
      for (const name of ['alice', 'alice2', 'mallory', 'early', 'late', 'git', 'star', 'edited', 'other', 'blank']) {
        people[name] = await makePerson(lab.folder, name);
      }
      const of = (name: string): SshPerson => people[name] ?? { name, keyFile: '', publicKey: '' };
      const signers = await writeSigners(lab.path('signers'), [
        of('alice'),
        { person: of('alice2'), name: 'alice' },
        { person: of('early'), options: 'valid-after="20990101"' },
        { person: of('late'), options: 'valid-before="20200101"' },
        { person: of('git'), options: 'namespaces="git"' },
        { person: of('star'), name: '*' },
        of('edited'),
        of('other'),
        of('blank'),
      ]);
      const seen = new Map<string, string>();
      const approveAs = async (name: string): Promise<string> => {
        expectExit(await approve(lab, plan, of(name)), 0);
        const file = (await approvalFiles(plan)).find((one) => ![...seen.values()].includes(one)) ?? '';
        seen.set(name, file);
        return file;
      };
      for (const name of ['alice', 'alice2', 'mallory', 'early', 'late', 'git', 'star']) await approveAs(name);
      // A signature of one approval does not fit another.
      const edited = await approveAs('edited');
      const text = await readFile(edited, 'utf8');
      await writeFile(edited, text.replace('"change": null', '"change": "CHG1"'));
      // One for another plan, brought here.
      const elsewhere = await savePlan(lab, 'other.plan');
      expectExit(await approve(lab, elsewhere, of('other')), 0);
      const [foreign = ''] = await approvalFiles(elsewhere);
      await cp(foreign, `${plan}.approvals/foreign.approval`);
      await writeFile(`${plan}.approvals/empty.approval`, '{}');
      await writeFile(`${plan}.approvals/large.approval`, ' '.repeat(100_000));
      await mkdir(`${plan}.approvals/folder.approval`);

      const before = lab.states();
      const refused = await apply(lab, plan, signers, '--json');
      expectExit(refused, 1);
      const { error } = JSON.parse(refused.stdout) as {
        error: { code: string; message: string; issues: { file: string; message: string }[] };
      };
      expect([error.code, error.message]).toEqual(['approval/missing', expect.stringContaining('has 1, by alice')]);
      const problems = error.issues.map((one) => one.message);
      expect(problems).toHaveLength(11);
      expect(problems).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^it is by alice, who is counted already/),
          expect.stringMatching(/^the signers file does not have its key SHA256:/),
          expect.stringMatching(/^the key of early is not valid now \(valid-after="20990101"\)/),
          expect.stringMatching(/^the key of late is not valid now \(valid-before="20200101"\)/),
          'the signers file allows its key for git only, not for approval@fencepost',
          'the signers file has a pattern for its key (*), and a pattern is nobody',
          'the signature does not fit: the approval was changed after it was signed',
          expect.stringMatching(/^it is for another plan \(digest [0-9a-f]{12}\.\.\.\)/),
          expect.stringMatching(/^its file is no approval of this Fencepost/),
          "it can't be read: it is larger than 64 KB",
          "it can't be read: it is a directory",
        ]),
      );
      expect(lab.changedSince(before)).toEqual([]);
    });
  });

  test('does not count the planner where the playbook says so, whatever flags say', async () => {
    await withLab([{ name: 'ex01' }], async (lab) => {
      const playbook = await readFile('playbooks/exchange-backend-ports.yml', 'utf8');
      const own = await lab.write('own.yml', `${playbook}\napprovals: { required: 1, not_by: planner }\n`);
      const file = lab.path('tonight.plan');
      expectExit(await lab.run(['plan', '-i', lab.inventoryFile, '-p', own, '--out', file]), 0);
      const { plan } = JSON.parse(await readFile(file, 'utf8')) as { plan: { createdBy: string } };
      const [user = ''] = plan.createdBy.split('@');
      const planner = await makePerson(lab.folder, `${user}@corp.example`, 'planner');
      const other = await makePerson(lab.folder, 'somebody-else');
      const signers = await writeSigners(lab.path('signers'), [planner, other]);
      const before = lab.states();
      const withSigners = ['apply', file, '-i', lab.inventoryFile, '--yes', '--signers', signers];

      expectExit(await approve(lab, file, planner), 0);
      const refused = await lab.run(withSigners);
      expectExit(refused, 1);
      expect(onOneLine(refused.stderr)).toContain('made the plan');
      const unnamed = await lab.run(['apply', file, '-i', lab.inventoryFile, '--yes']);
      expectExit(unnamed, 1);
      expect(onOneLine(unnamed.stderr)).toContain('nothing says who may approve');
      expect(lab.changedSince(before)).toEqual([]);
      expectExit(await approve(lab, file, other), 0);
      expectExit(await lab.run(withSigners), 0);
    });
  });

  test('asks for ssh-keygen by name when it is missing, and takes no passphrase from nowhere', async () => {
    await withLab([{ name: 'ex01' }], async (lab) => {
      const plan = await savePlan(lab);
      const alice = await makePerson(lab.folder, 'alice');
      const bare = await lab.run(['approve', plan, '--sign-key', alice.keyFile, '--yes'], {
        env: { PATH: lab.path('nowhere') },
      });
      expectExit(bare, 1);
      expect(bare.stderr).toContain('[approval/ssh-keygen]');
      await writeFile(lab.path('no.key'), 'no key\n');
      await chmod(lab.path('no.key'), 0o600);
      const noKey = await lab.run(['approve', plan, '--sign-key', lab.path('no.key'), '--yes']);
      expectExit(noKey, 1);
      expect(noKey.stderr).toContain('[approval/not-signed]');
      const unsaved = await lab.run(['apply', '-i', lab.inventoryFile, '--yes', '--require-approvals', '1']);
      expectExit(unsaved, 1);
      expect(onOneLine(unsaved.stderr)).toContain('only a saved plan can be approved');
    });
  });

  test('is resumed without a new approval after its process died, and who approved it is told', async () => {
    await withLab(
      [{ name: 'ex01' }, { name: 'ex02' }],
      async (lab) => {
        const plan = await savePlan(lab);
        const [alice, bob] = [await makePerson(lab.folder, 'alice'), await makePerson(lab.folder, 'bob')];
        const signers = await writeSigners(lab.path('signers'), [alice, bob]);
        expectExit(await approve(lab, plan, alice), 0);
        expectExit(await approve(lab, plan, bob, '--change', 'CHG7'), 0);
        const flags = ['-i', lab.inventoryFile, '--yes', '--require-approvals', '2', '--signers', signers];
        const running = lab.start(['apply', plan, ...flags]);
        while (lab.changesSent().length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
        running.kill('SIGKILL');
        await running.ended;
        // What was approved is in the journal of the run; the files are needed no more.
        await rm(`${plan}.approvals`, { recursive: true });
        const [run = ''] = await lab.runs();
        const resumed = await lab.run(['resume', run, '-i', lab.inventoryFile, '--yes']);
        expectExit(resumed, 0);
        expect(onOneLine(resumed.stderr)).toMatch(/Approved by .*Resuming needs no new approval\./);
        for (const text of [resumed.stderr, resumed.stdout]) {
          expect(text).toMatch(/Approved by (alice and bob \(CHG7\)|bob \(CHG7\) and alice)\./);
        }
        for (const { machine } of lab.fleet.servers) {
          expect(machine.exclusions.tcp.ipv4.persistent.map((row) => row.range.firstPort)).toEqual(
            expect.arrayContaining([9933, 9955]),
          );
        }
      },
      { delayMs: 30 },
    );
  });

  test('says so when its approvals cannot be read, instead of that there are none', async () => {
    await withLab([{ name: 'ex01' }], async (lab) => {
      const plan = await savePlan(lab);
      const signers = await writeSigners(lab.path('signers'), []);
      const before = lab.states();
      await writeFile(`${plan}.approvals`, 'no folder');
      const noFolder = await apply(lab, plan, signers);
      expectExit(noFolder, 1);
      expect(onOneLine(noFolder.stderr)).toContain(
        "the approvals can't be read: reading failed (ENOTDIR); nothing was changed",
      );
      await rm(`${plan}.approvals`);
      await mkdir(`${plan}.approvals`, { mode: 0o000 });
      // Root reads everything, and Windows has no such modes.
      if (process.platform !== 'win32' && process.getuid?.() !== 0) {
        const denied = await apply(lab, plan, signers);
        expectExit(denied, 1);
        expect(onOneLine(denied.stderr)).toContain("the approvals can't be read: access denied");
      }
      expect(lab.changedSince(before)).toEqual([]);
    });
  });
});
