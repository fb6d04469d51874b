// The head of a journal signed with real OpenSSH: who signed it is told, and whatever does not fit it; a signature that fails changes nothing
// of the run.
import { copyFile, cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createRunStore } from '../../src/journal/store.ts';
import { expectExit } from '../support/expect-exit.ts';
import { withLab, type TestLab } from '../support/lab.ts';
import { makePerson, missingSshKeygen, writeSigners, type SshPerson } from '../support/ssh-keys.ts';

const missing = await missingSshKeygen();

const apply = (lab: TestLab, ...more: readonly string[]) =>
  lab.run(['apply', '-i', lab.inventoryFile, '--yes', ...more]);

const lastRun = async (lab: TestLab): Promise<string> => (await lab.runs()).at(-1) ?? '';

const journalOf = (lab: TestLab, run: string): string => join(lab.stateDirectory, 'runs', run, 'journal.ndjson');
const signatureOf = (lab: TestLab, run: string): string => `${journalOf(lab, run)}.head.signature`;

interface Proof {
  readonly holds: boolean;
  readonly head: string;
  readonly records: number;
  readonly signature: { readonly state: string; readonly by: string | null; readonly problem: string | null };
}

/** The exit code, and what is told of the chain, its head and its signature. */
async function verify(lab: TestLab, run: string, signers?: string): Promise<readonly [number | null, Proof]> {
  const flags = signers === undefined ? [] : ['--signers', signers];
  const { exitCode, stdout } = await lab.run(['runs', 'verify', run, '--json', ...flags]);
  return [exitCode, JSON.parse(stdout) as Proof];
}

async function verifyText(lab: TestLab, run: string, signers: string): Promise<string> {
  return (await lab.run(['runs', 'verify', run, '--signers', signers])).stdout;
}

async function addRecord(lab: TestLab, run: string): Promise<void> {
  const journal = await createRunStore(lab.stateDirectory).reopenRun(run);
  const operator = { user: 'mallory', machine: 'm', processId: 1, toolVersion: '0.1.0' };
  await journal.append({ at: '2026-11-27T00:00:00.000Z', type: 'run-resumed', operator });
  await journal.close();
}

describe.skipIf(missing !== null)('a journal', () => {
  test('is signed at the end of apply and rollback; chain, seal and signer are told apart', async () => {
    await withLab([{ name: 'ex01' }], async (lab) => {
      const [alice, bob] = [await makePerson(lab.folder, 'alice'), await makePerson(lab.folder, 'bob')];
      const signers = await writeSigners(lab.path('signers'), [alice]);
      const applied = await apply(lab, '--sign-key', alice.keyFile);
      expectExit(applied, 0);
      expect(applied.stderr).toMatch(/The head of the journal is signed with key SHA256:/);
      const run = await lastRun(lab);

      expect(await verify(lab, run, signers)).toMatchObject([
        0,
        { holds: true, head: 'agrees', signature: { state: 'signed', by: 'alice' } },
      ]);
      const text = await verifyText(lab, run, signers);
      expect(text).toMatch(
        /^The chain is intact: [^]*^The head is sealed: [^]*^The head is signed by alice \(key SHA256:/m,
      );
      expect(await verify(lab, run)).toMatchObject([0, { signature: { state: 'unchecked', by: null } }]);

      const back = await lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes'], {
        env: { FENCEPOST_SIGN_KEY: bob.keyFile },
      });
      expectExit(back, 0);
      const rollback = await lastRun(lab);
      expect(rollback).not.toBe(run);
      expect(await verify(lab, rollback, signers)).toMatchObject([
        3,
        { holds: true, signature: { state: 'foreign', by: null } },
      ]);
      expect(await verifyText(lab, rollback, signers)).toContain('SIGNED BY NOBODY KNOWN');
    });
  });

  test('that was altered, continued, swapped or left unsigned is told as that', async () => {
    await withLab([{ name: 'ex01' }], async (lab) => {
      const alice = await makePerson(lab.folder, 'alice');
      const signers = await writeSigners(lab.path('signers'), [alice]);
      expectExit(await apply(lab, '--sign-key', alice.keyFile), 0);
      const run = await lastRun(lab);
      expectExit(await lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes']), 0);
      const unsigned = await lastRun(lab);
      const signature = signatureOf(lab, run);
      const honest = await readFile(signature, 'utf8');
      const state = async (name: string, text: string) => {
        await writeFile(signatureOf(lab, name), text);
        const [exitCode, { holds, signature: found }] = await verify(lab, name, signers);
        return [exitCode, holds, found.state, found.problem];
      };

      // Nobody signed it: no fault, unless somebody asks for a signature.
      expect(await verify(lab, unsigned)).toMatchObject([0, { signature: { state: 'none' } }]);
      expect(await verify(lab, unsigned, signers)).toMatchObject([3, { holds: true, signature: { state: 'none' } }]);
      expect(await verifyText(lab, unsigned, signers)).toContain('The head is not signed.');
      // The signature of one journal beside another.
      expect(await state(unsigned, honest)).toEqual([3, true, 'tampered', expect.stringContaining('for another run')]);
      expect((await verify(lab, unsigned))[0]).toBe(3);
      await rm(signatureOf(lab, unsigned));

      expect(await state(run, honest.replace(/"signedAt": "2/, '"signedAt": "3'))).toEqual([
        3,
        true,
        'tampered',
        'the signature does not fit: what it says was changed after it was signed',
      ]);
      expect(await state(run, '{}')).toEqual([3, true, 'tampered', expect.any(String)]);
      expect(await state(run, ' '.repeat(100_000))).toEqual([3, true, 'tampered', expect.any(String)]);
      const { records } = (JSON.parse(honest) as { head: { records: number } }).head;
      expect(await state(run, honest.replace(`"records": ${records}`, `"records": ${records - 1}`))).toEqual([
        3,
        true,
        'tampered',
        'it was made over other records than are there now',
      ]);
      // A whole other journal with a chain and a seal of its own, under the name of the run: as whoever can write the folder would.
      const [journal, other] = [journalOf(lab, run), journalOf(lab, unsigned)];
      await cp(journal, lab.path('kept'));
      await cp(`${journal}.head`, lab.path('kept.head'));
      await copyFile(other, journal);
      await copyFile(`${other}.head`, `${journal}.head`);
      expect(await state(run, honest)).toEqual([3, true, 'tampered', expect.any(String)]);
      await cp(lab.path('kept'), journal);
      await cp(lab.path('kept.head'), `${journal}.head`);

      expect(await state(run, honest)).toEqual([0, true, 'signed', null]);
      await addRecord(lab, run);
      expect(await state(run, honest)).toEqual([3, true, 'partial', null]);
      expect(await verifyText(lab, run, signers)).toContain(`the first ${records} of ${records + 1} records`);
    });
  });

  test('needs its signer in the file, for journals, by name: an approval key is no journal key unless it says so', async () => {
    await withLab([{ name: 'ex01' }], async (lab) => {
      const alice = await makePerson(lab.folder, 'alice');
      expectExit(await apply(lab, '--sign-key', alice.keyFile), 0);
      const run = await lastRun(lab);
      const judge = async (name: string, options: string) => {
        const signers = await writeSigners(lab.path('signers'), [{ person: alice, name, options }]);
        const [exitCode, { signature }] = await verify(lab, run, signers);
        return [exitCode, signature.state, signature.problem];
      };
      expect(await judge('alice', 'namespaces="journal@fencepost"')).toEqual([0, 'signed', null]);
      expect(await judge('alice', 'namespaces="approval@fencepost"')).toEqual([
        3,
        'foreign',
        'the signers file allows its key for approval@fencepost only, not for journal@fencepost',
      ]);
      expect(await judge('*', '')).toEqual([3, 'foreign', expect.stringContaining('a pattern is nobody')]);
      expect(await judge('alice', 'valid-before="20200101"')).toEqual([
        3,
        'foreign',
        expect.stringContaining('not valid now'),
      ]);
    });
  });

  test('that could not be signed leaves the run, its verdict and its exit code as they are, with one warning', async () => {
    const ended: unknown[] = [];
    const none: SshPerson = { name: 'none', keyFile: 'nowhere.key', publicKey: '' };
    for (const [flags, env] of [
      [[], {}],
      [['--sign-key', none.keyFile], {}],
      [['--sign-key', none.keyFile], { PATH: 'nowhere' }],
    ] as const) {
      await withLab([{ name: 'ex01' }, { name: 'ex02', reachable: false }], async (lab) => {
        const { exitCode, stdout, stderr } = await lab.run(
          ['apply', '-i', lab.inventoryFile, '--yes', '--json', ...flags],
          { env },
        );
        const { hosts } = JSON.parse(stdout) as { hosts: { host: string; verdict: string }[] };
        ended.push([exitCode, hosts.map(({ host, verdict }) => `${host} ${verdict}`)]);
        expect(stderr.match(/THE JOURNAL IS NOT SIGNED/g) ?? []).toHaveLength(flags.length === 0 ? 0 : 1);
        const [verified, proof] = await verify(lab, await lastRun(lab));
        expect([verified, proof.holds, proof.signature.state]).toEqual([0, true, 'none']);
      });
    }
    expect(new Set(ended.map((one) => JSON.stringify(one))).size).toBe(1);
  });
});
