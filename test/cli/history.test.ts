// `history`, what `verify` says is new, and the chart of a report, after a cumulative update took the reservations of one server: told from what
// commands saw, whatever becomes of the files in which it is kept. The servers are asked by verify, collect, apply and rollback only.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { families } from '../../src/model/host-state.ts';
import { portRangeFromEnds } from '../../src/model/port-range.ts';
import { expectExit } from '../support/expect-exit.ts';
import { reserved, withLab, type TestLab } from '../support/lab.ts';

interface HistoryDocument {
  readonly hosts: readonly {
    readonly since: {
      readonly host: string;
      readonly standing: string;
      readonly from: string;
      readonly until: string | null;
      readonly unknownSince: string | null;
      readonly changed: { readonly exchange: unknown; readonly runs: readonly string[] };
    };
    readonly spans: readonly { readonly by: string; readonly state: string | null; readonly times: number }[];
  }[];
}

const historyOf = async (lab: TestLab, host: string) => {
  const { stdout } = await lab.run(['history', host, '--json']);
  const [found, ...others] = (JSON.parse(stdout) as HistoryDocument).hosts;
  expect(others).toEqual([]);
  if (found === undefined) throw new Error(`no history: ${stdout}`);
  return found;
};

/** What a cumulative update does: another build, the dynamic range widened, and here the reservations gone. */
function update(lab: TestLab, name: string): void {
  const { machine } = lab.fleet.server(name);
  Object.assign(machine, { exchange: { major: 15, minor: 2, build: 1748, revision: 10 } });
  for (const family of families) {
    machine.dynamic[family].tcp = portRangeFromEnds(1024, 65_535);
    machine.exclusions.tcp[family].active = [];
    machine.exclusions.tcp[family].persistent = [];
  }
}

const both = [reserved(9933), reserved(9955)];

test('drift after an update: what is new, since when, with which build, and what apply and rollback did about it', async () => {
  await withLab(
    [
      { name: 'ex01', exclusions: both },
      { name: 'ex02', exclusions: both },
    ],
    async (lab) => {
      const verify = (...more: readonly string[]) => lab.run(['verify', '-i', lab.inventoryFile, ...more]);
      expect((await lab.run(['history'])).exitCode).toBe(1);
      const first = await verify();
      expectExit(first, 0);
      expect(first.stdout).not.toContain('since the last time');
      const same = await verify();
      expect(same.stdout).toMatch(/^Nothing new since the last time \(\d{4}-\d\d-\d\d \d\d:\d\d/m);

      update(lab, 'ex01');
      const drifted = await verify();
      expectExit(drifted, 2);
      expect(drifted.stdout).toMatch(/^New since the last time .*:\n {2}drifted \(1 host\):\n {4}ex01$/m);
      expect(drifted.stdout).not.toMatch(/^ {4}ex02$/m);
      expectExit(await lab.run(['collect', '-i', lab.inventoryFile, '-l', 'ex01']), 0);
      const again = JSON.parse((await verify('--json')).stdout) as { sinceLastTime: readonly object[] };
      expect(again.sinceLastTime).toMatchObject([
        { host: 'ex01', kind: 'still-drifted' },
        { host: 'ex02', kind: 'still-as-desired' },
      ]);

      const before = await lab.run(['history', 'ex01']);
      expect([before.exitCode, before.stderr]).toEqual([0, '']);
      expect(before.stdout).toMatch(/Drifted: first seen so .*; last seen as\s+desired/);
      expect(before.stdout).toContain('tcp 9933 on ipv4: not reserved');
      expect(before.stdout).toMatch(
        /Seen to change in between:\n {4}Exchange 15\.2\.\S+ \(last seen .*-> 15\.2\.1748\.10/,
      );
      expect(before.stdout).toMatch(/tcp dynamic range on ipv4: \S+ -> 1024-65535/);
      const { since, spans } = await historyOf(lab, 'ex01');
      expect(since).toMatchObject({ standing: 'drifted', changed: { runs: [] } });
      expect(spans.map(({ by, state, times }) => [by, state, times])).toEqual([
        ['verify', 'ok', 2],
        ['verify', 'changes', 3],
      ]);
      expect((await historyOf(lab, 'ex02')).since).toMatchObject({ standing: 'as-desired', until: null });

      expectExit(await lab.run(['apply', '-i', lab.inventoryFile, '--yes']), 0);
      const [run = ''] = await lab.runs();
      expect((await historyOf(lab, 'ex01')).since).toMatchObject({ standing: 'as-desired', changed: { runs: [run] } });
      expectExit(await lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes']), 0);
      const left = (await historyOf(lab, 'ex01')).since;
      // Nobody compared it with the playbook after the rollback.
      expect(left.unknownSince).not.toBeNull();
      const fleet = await lab.run(['history']);
      expect(fleet.stdout).toMatch(/ex01 .*not known since/);

      const unknown = await lab.run(['history', 'ex99']);
      expect([unknown.exitCode, unknown.stdout]).toEqual([1, '']);
      expect(unknown.stderr).toContain('no history is kept of a host of this name');
    },
  );
});

test('a history that is damaged, full or not writable is a warning: verdict, output and exit code stand', async () => {
  await withLab([{ name: 'ex01', exclusions: both }, { name: 'ex02' }], async (lab) => {
    const verify = () => lab.run(['verify', '-i', lab.inventoryFile]);
    const first = await verify();
    expectExit(first, 2);
    const folder = join(lab.stateDirectory, 'history');
    const names = (await readdir(folder)).sort();
    const [name = ''] = names;
    expect(names).toHaveLength(2);
    const text = await readFile(join(folder, name), 'utf8');
    expect(text).not.toContain(lab.password);

    await writeFile(join(folder, name), text.replace('"ok"', '"no"'));
    const seen = await lab.run(['history']);
    expect([seen.exitCode, seen.stderr]).toEqual([
      3,
      expect.stringContaining(`damaged and is left out: ${join(folder, name)}`),
    ]);
    expect(seen.stdout).not.toContain('ex01');
    const after = await verify();
    expectExit(after, 2);
    expect(after.stderr).toMatch(/warning: a damaged history was set aside and a new one started: .*\.damaged-/);
    expectExit(await lab.run(['history', 'ex01']), 0);

    await rm(lab.stateDirectory, { recursive: true });
    await mkdir(lab.stateDirectory);
    await writeFile(folder, 'a file in the way');
    const blocked = await verify();
    expectExit(blocked, 2);
    expect(blocked.stdout).toBe(first.stdout);
    expect(blocked.stderr).toMatch(/warning: the history was not kept: /);
  });
});

test('the page has the fleet over time once there are two days, and the same figures are in the JSON', async () => {
  await withLab([{ name: 'ex01', exclusions: both }, { name: 'ex02' }], async (lab) => {
    expectExit(await lab.run(['verify', '-i', lab.inventoryFile]), 2);
    const plan = lab.path('tonight.plan');
    expectExit(await lab.run(['plan', '-i', lab.inventoryFile, '--out', plan]), 0);
    const report = (format: string) => lab.run(['report', plan, '--format', format]);
    expect((await report('html')).stdout).not.toContain('Drift over time');

    // As if the first look had been three days ago.
    const folder = join(lab.stateDirectory, 'history');
    const { createHash } = await import('node:crypto');
    for (const name of await readdir(folder)) {
      const text = await readFile(join(folder, name), 'utf8');
      const history = /"history":(.*)\}\n$/.exec(text)?.[1] ?? '';
      const earlier = (_: string, at: string): string =>
        `"at":"${new Date(Date.parse(at) - 3 * 86_400_000).toISOString()}"`;
      const aged = history.replace(/"at":"([^"]+)"/, earlier);
      const digest = createHash('sha256').update(aged).digest('hex');
      const head = text.slice(0, text.indexOf('"sha256"'));
      await writeFile(join(folder, name), `${head}"sha256":"${digest}","history":${aged}}\n`);
    }
    const page = (await report('html')).stdout;
    expect(page).toContain('Drift over time');
    expect(page).toMatch(
      /<svg\s+class="drift-chart"\s+role="img"\s+aria-label="[^"]*1 host drifted, 1 as desired, 0 not known/,
    );
    const { drift } = JSON.parse((await report('json')).stdout) as { drift: readonly object[] };
    expect(drift).toHaveLength(4);
    expect(drift.every((one) => JSON.stringify(one).includes('"asDesired":1,"drifted":1,"unknown":0'))).toBe(true);
  });
});
