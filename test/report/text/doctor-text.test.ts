// The doctor's table: alike hosts together, the worst first, and commands that can be run as they are printed.
import { expect, test } from 'vitest';
import type { Connection } from '../../../src/model/target.ts';
import {
  listFixCommands,
  renderDoctor,
  type DoctorCheck,
  type DoctorHost,
} from '../../../src/report/text/doctor-text.ts';

const connection: Connection = {
  address: '192.0.2.1',
  port: 15985,
  scheme: 'http',
  path: '/wsman',
  auth: 'ntlm',
  username: 'CORP\\svc$&',
  password: { kind: 'prompt' },
  caFile: null,
  tlsServerName: null,
  timeouts: { connectMs: 1, operationMs: 1, requestMs: 2, hostMs: 3 },
};

function check(name: string, state: DoctorCheck['state'], differences: Partial<DoctorCheck> = {}): DoctorCheck {
  return { name, state, detail: `${name} it is`, evidence: null, cure: null, code: null, ...differences };
}

const host = (name: string, ...checks: readonly DoctorCheck[]): DoctorHost => ({
  target: { name, connection },
  checks,
});
const refused = check('port', 'failed', { code: 'connect/refused', cure: 'look at it' });

test('hosts that are alike stand together, the ones in trouble first', () => {
  const good = [check('name', 'ok', { evidence: 'a' }), check('port', 'ok')];
  const text = renderDoctor(
    [
      host('ex01', ...good),
      host('ex02', check('name', 'ok', { evidence: 'b' }), check('port', 'ok')),
      host('ex03', check('name', 'ok'), refused),
    ],
    { verbose: false, inventory: [] },
  );
  expect(text).toMatch(/^ex03: not ready\n[^]*\n2 hosts: ready\n {2}ex01, ex02\n {4}ok {2}name {2}name it is\n/);
  expect(text).not.toMatch(/\((?:a|b)\)/);
  expect(text).toMatch(/\nSummary: 2 hosts ready, 1 not\.\n$/);
});

test('a silent network is said once, by the addresses that names led to', () => {
  const timedOut = check('port', 'failed', { code: 'connect/timeout', cure: 'look at it' });
  const names = ['ex01', 'ex02', 'ex03', 'ex04', 'ex05'];
  const options = { verbose: false, inventory: [] };
  const hosts = names.map((name) => ({
    target: { name, connection: { ...connection, address: name } },
    checks: [timedOut],
  }));
  const addresses = new Map(names.map((name, index) => [name, `10.3.7.${index}`]));
  expect(renderDoctor(hosts, { ...options, addresses })).toMatch(
    /\n\n! none of the 5 hosts in 10\.3\.7\.0\/24 answered: [^]*\n\nSummary: 0 hosts ready, 5 not\.\n$/,
  );
  expect(renderDoctor(hosts, options)).not.toContain('none of');
  const heard = [...hosts, host('ex06', check('port', 'ok'))];
  expect(renderDoctor(heard, { ...options, addresses: new Map(addresses).set('ex06', '10.3.7.9') })).not.toContain(
    'none of',
  );
});

test('with verbose each for itself, with what was seen', () => {
  const text = renderDoctor(
    [host('ex01', check('name', 'ok', { evidence: 'a' })), host('ex02', check('name', 'ok', { evidence: 'b' }))],
    {
      verbose: true,
      inventory: [],
    },
  );
  expect(text).toMatch(/ex01: ready\n[^]*\(a\)\n\nex02: ready\n[^]*\(b\)/);
});

test('what was not reached is one line, and counts as not ready', () => {
  const text = renderDoctor([host('ex01', refused, check('tls', 'skipped'), check('winrm', 'skipped'))], {
    verbose: false,
    inventory: [],
  });
  expect(text).toContain('    .   not checked: tls, winrm\n');
});

test('commands name host, port, account and inventory; of several hosts HOST stays', () => {
  const one = (code: string, target: DoctorHost['target'] | null): readonly string[] =>
    listFixCommands(check('x', 'failed', { code }), target, ['my.yml']).map((cure) => cure.command ?? '');
  const { target } = host('ex01');
  expect(one('connect/refused', target)).toContain('nc -vz 192.0.2.1 15985');
  expect(one('wire/access-denied', target)).toContain('net localgroup Administrators CORP\\svc$& /add');
  expect(one('auth/refused', target)).toContain('fencepost inventory --host ex01 -i my.yml');
  expect(one('auth/refused', null)).toContain('fencepost inventory --host HOST -i my.yml');
  expect(one('connect/lost', target).some((command) => command.startsWith('fencepost doctor'))).toBe(false);
  expect(listFixCommands(check('x', 'failed'), target, [])).toEqual([]);
});

test('a warning has words, and no list of commands', () => {
  const warned = check('tls', 'warning', { code: 'tls/expired', cure: 'renew it' });
  const text = renderDoctor([host('ex01', warned)], { verbose: false, inventory: [] });
  expect(text).toMatch(/\? {3}tls {2}tls it is \[tls\/expired\]\n {8}fix: renew it\n/);
  expect(text).not.toContain('openssl');
});

test('a finding longer than a line goes on below itself', () => {
  const detail = 'nothing listens on this port although the machine answers (connection refused)';
  const text = renderDoctor([host('ex01', check('exchange', 'ok'), { ...refused, detail })], {
    verbose: false,
    inventory: [],
  });
  expect(text).toContain(
    '    !   port      nothing listens on this port although the machine answers\n                  (connection refused) [connect/refused]\n',
  );
});

test('signs and heads are painted, words are not', () => {
  const checks = [check('name', 'ok'), check('tls', 'not-needed'), refused, check('winrm', 'skipped')];
  const text = renderDoctor([host('ex01', ...checks)], { verbose: false, inventory: [] });
  const painted = renderDoctor([host('ex01', ...checks)], {
    verbose: false,
    inventory: [],
    paint: (as, words) => `<${as} ${words}>`,
  });
  expect(painted).toMatch(
    /^<strong ex01: not ready>\n {4}<good ok> {2}name {2}name it is\n {4}<quiet -> {3}tls .*\n {4}<bad !> {3}port .*\n {8}<quiet fix:> look at it\n/,
  );
  expect(painted).toMatch(/\n {4}<quiet \.> {3}not checked: winrm\n/);
  expect(painted.replace(/<\w+ (.*?)>(?=[ \n])/g, '$1')).toBe(text);
});
