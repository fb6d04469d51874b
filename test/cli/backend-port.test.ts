// `port: backend` with whole commands: servers with different back-end ports, each reserved where it listens, judged by the servers themselves.
import { expect, test } from 'vitest';
import { families, stores } from '../../src/model/host-state.ts';
import type { TestLab } from '../support/lab.ts';
import { withLab } from '../support/lab.ts';

const playbook = `name: Reserve where they listen
hosts: exchange
exclusions:
  - { port: backend, for: MSExchangeIMAP4BE }
  - { port: backend, for: MSExchangePOP3BE }
when_held: { by_own_service: restart }
`;

type Ports = Readonly<Record<string, { readonly imap?: number; readonly pop?: number }>>;

async function writeHosts(lab: TestLab, file: string, ports: Ports, only: readonly string[] = []): Promise<string> {
  const servers = lab.fleet.servers.filter(({ name }) => only.length === 0 || only.includes(name));
  const hosts = Object.fromEntries(
    servers.map(({ name, port }) => [
      name,
      {
        winrm: { address: '127.0.0.1', port },
        ...(ports[name]?.imap === undefined ? {} : { exchange_imap4_backend_port: ports[name].imap }),
        ...(ports[name]?.pop === undefined ? {} : { exchange_pop3_backend_port: ports[name].pop }),
      },
    ]),
  );
  const winrm = { scheme: 'http', auth: 'ntlm', username: 'LAB\\operator', password: { file: 'password' } };
  return lab.write(file, JSON.stringify({ all: { vars: { winrm }, children: { exchange: { hosts } } } }));
}

/** The administered ports that were not there before, the same in both stores of both families. */
function addedOn(lab: TestLab, name: string, before: readonly number[]): readonly number[] {
  const lists = administered(lab, name);
  for (const one of lists) expect(one).toEqual(lists[0]);
  return (lists[0] ?? []).filter((port) => !before.includes(port));
}

function administered(lab: TestLab, name: string): readonly (readonly number[])[] {
  const { exclusions } = lab.fleet.server(name).machine;
  return families.flatMap((family) =>
    stores.map((store) =>
      exclusions.tcp[family][store]
        .filter((row) => row.administered)
        .map(({ range }) => range.firstPort)
        .sort((a, b) => a - b),
    ),
  );
}

const flat = (text: string): string => text.replaceAll(/\s+/g, ' ');

test('plan, apply, verify and rollback reserve on each server its own ports; edited ones are refused', async () => {
  const servers = [
    { name: 'ex01', imap: 'running', imapPort: 1993 },
    { name: 'ex02', imap: 'running', imapPort: 9933 },
    { name: 'ex03', imap: 'running', imapPort: 64_327 },
    { name: 'ex04', imap: 'running', imapPort: 1993 },
  ] as const;
  await withLab(servers, async (lab) => {
    const known = {
      ex01: { imap: 1993, pop: 1995 },
      ex02: { imap: 9933, pop: 9955 },
      ex03: { imap: 64_327, pop: 9955 },
    };
    const asked = ['-p', await lab.write('playbook.yml', playbook)];
    const from = ['-i', await writeHosts(lab, 'prod.yml', known)];
    const before = lab.states();
    const usual = administered(lab, 'ex01')[0] ?? [];
    const file = lab.path('tonight.plan');

    // The one whose port nobody wrote down is blocked, with what to do; the others are planned.
    const planned = await lab.run(['plan', ...from, ...asked, '--out', file]);
    expect(planned.exitCode, planned.stderr).toBe(3);
    expect(flat(planned.stdout)).toContain(
      'the playbook asks for the back-end ports of MSExchangeIMAP4BE and MSExchangePOP3BE, and the inventory of this host does not say which they are; MSExchangeIMAP4BE listens on 1993 now',
    );
    expect(flat(planned.stdout)).toContain(
      'set exchange_imap4_backend_port and exchange_pop3_backend_port for this host in the inventory',
    );
    const shown = await lab.run(['show', file]);
    expect(flat(shown.stdout)).toContain(
      'the back-end port on ipv4 and ipv6, reserved for MSExchangeIMAP4BE: 1993 on 1 host, 9933 on 1 host, 64327 on 1 host, not known on 1 host',
    );

    const snapshot = lab.path('snapshot.json');
    const collected = await lab.run(['collect', ...from, ...asked, '--out', snapshot]);
    const cells = (name: string) =>
      (new RegExp(`^${name} .*`, 'm').exec(collected.stdout)?.[0] ?? '').split(/ {2,}/).slice(4);
    const open = 'not reserved; open: Imap4Service 1004';
    expect(cells('HOST')).toEqual(['TCP 1993', 'TCP 1995', 'TCP 9933', 'TCP 9955', 'TCP 64327']);
    expect(cells('ex01')).toEqual([open, 'not reserved', '-', '-', '-']);
    expect(cells('ex03')).toEqual(['-', '-', '-', 'not reserved', open]);
    expect(cells('ex04')).toEqual(['-', '-', '-', '-', '-']);
    expect(flat(collected.stdout)).toContain('ex04: about the ports');
    expect(flat(collected.stdout)).toContain(
      'ex01: about the ports i tcp 1993 and tcp 1995 lie outside the dynamic range of ipv4 and ipv6',
    );
    // What the inventory does not say is said where there is one, of its own hosts only.
    const blind = await lab.run(['report', snapshot, ...asked]);
    expect([blind.exitCode, flat(blind.stderr)]).toEqual([1, expect.stringContaining('name the inventory too')]);
    const less = await writeHosts(lab, 'less.yml', known, ['ex01', 'ex04']);
    const reported = await lab.run(['report', snapshot, ...asked, '-i', less, '--format', 'markdown']);
    expect(reported.stdout.match(/^\| ex0\d .*does not say/gm)?.map((line) => line.slice(2, 6))).toEqual(['ex04']);
    const examined = await lab.run(['doctor', ...from, ...asked, '--verbose']);
    expect(examined.exitCode).toBe(3);
    expect(flat(examined.stdout)).toContain('the inventory of this host does not say which they are');
    expect(flat(examined.stdout)).toContain('not checked: ports');
    expect(examined.stdout).not.toContain(`--update -i ${from[1] ?? ''}`);
    expect(lab.changedSince(before)).toEqual([]);

    // An inventory that says another port now.
    const edited = await writeHosts(lab, 'edited.yml', { ...known, ex02: { imap: 1993, pop: 9955 } });
    const refused = await lab.run(['apply', file, '-i', edited, '--yes']);
    expect(refused.exitCode).toBe(1);
    expect(flat(refused.stderr)).toContain('ex02: exchange_imap4_backend_port is 1993 here, 9933 in the plan');
    expect(refused.stderr).toContain('[plan/other-port]');
    expect(lab.changedSince(before)).toEqual([]);
    expect(await lab.runs()).toEqual([]);

    const applied = await lab.run(['apply', file, ...from, '--yes']);
    expect(applied.exitCode, applied.stderr).toBe(3);
    expect(lab.changedSince(before)).toEqual(['ex01', 'ex02', 'ex03']);
    const added = () => ['ex01', 'ex02', 'ex03', 'ex04'].map((name) => addedOn(lab, name, usual));
    expect(added()).toEqual([[1993, 1995], [9933, 9955], [9955, 64_327], []]);
    expect(lab.changesSent('ex04')).toEqual([]);

    const verified = await lab.run(['verify', ...from, ...asked, '-l', 'all:!ex04']);
    expect(verified.exitCode, verified.stdout).toBe(0);
    const cured = await writeHosts(lab, 'cured.yml', { ...known, ex04: { imap: 1993, pop: 1995 } });
    const drifted = await lab.run(['verify', '-i', cured, ...asked]);
    expect(drifted.exitCode, drifted.stdout).toBe(2);

    // The port in the inventory is nothing to a rollback, which undoes what was done.
    const [run = ''] = await lab.runs();
    const back = await lab.run(['rollback', run, '-i', edited, '--yes']);
    expect(back.exitCode, back.stderr).toBe(0);
    expect(added()).toEqual([[], [], [], []]);
    const rollback = (await lab.runs()).at(-1) ?? '';
    for (const one of [run, rollback]) {
      const told = await lab.run(['report', one, '--format', 'json']);
      expect(told.exitCode, told.stderr).toBe(0);
      expect(told.stdout).not.toContain('The plan of this run');
    }

    // A run that stopped before it came to its hosts goes on only to the ports that it was planned for.
    const stopped = await lab.run(['apply', ...from, ...asked, '--yes', '--deadline', '1s']);
    expect(stopped.exitCode, stopped.stderr).toBe(3);
    const unfinished = (await lab.runs()).at(-1) ?? '';
    const other = await lab.run(['resume', unfinished, '-i', edited, '--yes']);
    expect([other.exitCode, added()]).toEqual([1, [[], [], [], []]]);
    expect(flat(other.stderr)).toContain('ex02: exchange_imap4_backend_port is 1993 here, 9933 in the run');
    const resumed = await lab.run(['resume', unfinished, ...from, '--yes']);
    expect(resumed.exitCode, resumed.stderr).toBe(3);
    expect(added()).toEqual([[1993, 1995], [9933, 9955], [9955, 64_327], []]);
  });
});
