// A dry run as a person reads it at 80 columns, word for word.
import { expect, test } from 'vitest';
import { essenceOf, lost, memoryFleet, memoryMachine } from '../../support/memory-fleet.ts';
import { planMemory } from '../../support/memory-run.ts';
import { renderPlan } from '../../../src/report/text/plan-text.ts';
import type { HolderSpec } from '../../../src/lab/scenario/server-spec.ts';
import { portRange } from '../../../src/model/port-range.ts';
import { families } from '../../../src/model/host-state.ts';

async function somePlan() {
  const dns: HolderSpec = {
    port: 9955,
    protocol: 'tcp',
    image: 'svchost.exe',
    services: ['Dnscache', 'NlaSvc'],
    families: ['ipv4'],
    state: 'LISTENING',
  };
  const machines = [
    memoryMachine('ex01.corp.example'),
    memoryMachine('ex02.corp.example', { language: 'ja' }),
    memoryMachine('ex03.corp.example', { imap: 'running', imapPort: 9933 }),
    memoryMachine('ex04.corp.example', { holders: [dns] }),
    memoryMachine('ex05.corp.example'),
    memoryMachine('ex06.corp.example', {
      exclusions: [
        {
          range: portRange(9900, 100),
          protocol: 'tcp',
          administered: true,
          stores: ['active', 'persistent'],
          families,
        },
      ],
    }),
    memoryMachine('ex07.corp.example', {
      imap: 'running',
      imapPort: 1993,
      exclusions: [{ range: portRange(9955), protocol: 'tcp', administered: true, stores: ['active'], families }],
    }),
  ];
  const fleet = memoryFleet(machines, {
    trouble: ({ host }) => (host.startsWith('ex05') ? { at: 'before', failure: lost('none') } : null),
  });
  return { plan: await planMemory(fleet), machines };
}

test('a plan, hosts that are alike together', async () => {
  const { plan } = await somePlan();
  expect(renderPlan(plan, { verbose: false })).toBe(short);
});

test('the same plan with its commands', async () => {
  const { plan } = await somePlan();
  const one = { ...plan, hosts: plan.hosts.filter((host) => host.target.startsWith('ex03')) };
  expect(renderPlan(one, { verbose: true })).toBe(verbose);
});

test('hosts that failed alike are one paragraph, each failure without its host; a silent network is said once', async () => {
  const { plan } = await somePlan();
  const down = plan.hosts.find((host) => host.state === 'unreachable');
  if (down === undefined) throw new Error('expected a host that was not reached');
  const hosts = Array.from({ length: 300 }, (_, index) => {
    const address = `10.3.7.${String(index % 250)}`;
    const target = `ex${String(index).padStart(3, '0')}`;
    const failure = {
      code: 'connect/timeout' as const,
      message: 'no connection within 10000 ms',
      where: `${target}:5985`,
      hint: null,
    };
    return { ...down, target, connection: { ...down.connection, address }, failure };
  });
  expect(renderPlan({ ...plan, hosts }, { verbose: false })).toBe(`Reserve the Exchange back-end ports: 300 hosts

300 hosts: unreachable
  ex[000:299]
    ! no connection within 10000 ms [connect/timeout]

! none of the 300 hosts in 10.3.7.0/24 answered: check the network first
  (switch, firewall, line)

Summary: 0 to change, 0 as desired, 0 blocked, 300 unreachable.
`);
  const named = hosts.map((one) => ({ ...one, connection: { ...one.connection, address: one.target } }));
  expect(renderPlan({ ...plan, hosts: named }, { verbose: false })).not.toContain('none of');
  const addresses = new Map(hosts.map(({ target, connection }) => [target, connection.address]));
  expect(renderPlan({ ...plan, hosts: named }, { verbose: false, addresses })).toContain('300 hosts in 10.3.7.0/24');
  const alone = renderPlan({ ...plan, hosts: hosts.slice(0, 1) }, { verbose: false });
  expect(alone).toContain('! ex000:5985: no connection within 10000 ms [connect/timeout]');
});

test('no line is longer than 80 columns but for what must not be broken', async () => {
  const { plan } = await somePlan();
  for (const isVerbose of [false, true]) {
    const long = renderPlan(plan, { verbose: isVerbose })
      .split('\n')
      .filter((line) => line.length > 80 && !line.includes('netsh interface'));
    expect(long).toEqual([]);
  }
});

test('planning changes nothing', async () => {
  const { machines } = await somePlan();
  const [first] = machines;
  expect(first === undefined ? null : essenceOf(first)).toEqual(essenceOf(memoryMachine('ex01.corp.example')));
});

const short = `Reserve the Exchange back-end ports: 7 hosts

2 hosts: to change
  ex01.corp.example, ex02.corp.example
    + reserve tcp 9933 on ipv4 and ipv6 for MSExchangeIMAP4BE
    + reserve tcp 9955 on ipv4 and ipv6 for MSExchangePOP3BE
    i MSExchangeIMAP4BE and MSExchangePOP3BE are not running: not known whether
      they use 9933 and 9955 or, as installed since 2013 CU23, 1993 and 1995
      fix: see the port that is set, in the Exchange Management Shell:
        Get-ImapSettings | Format-List ProxyTargetPort; Get-PopSettings |
        Format-List ProxyTargetPort

ex03.corp.example: to change
    + reserve tcp 9955 on ipv4 and ipv6 for MSExchangePOP3BE
    ~ stop MSExchangeIMAP4BE, which holds tcp 9933
    + reserve tcp 9933 on ipv4 and ipv6 for MSExchangeIMAP4BE
    ~ start MSExchangeIMAP4BE again
    i tcp 9933 is open in its own service MSExchangeIMAP4BE, which is stopped
      for the change and started again
    i MSExchangePOP3BE is not running: not known whether it uses 9955 or, as
      installed since 2013 CU23, 1995
      fix: see the port that is set, in the Exchange Management Shell:
        Get-PopSettings | Format-List ProxyTargetPort

ex07.corp.example: to change
    + reserve tcp 9933 on ipv4 and ipv6 for MSExchangeIMAP4BE
    + make permanent tcp 9955 on ipv4 and ipv6 for MSExchangePOP3BE (now
      reserved until the next boot only)
    ? MSExchangeIMAP4BE listens on 1993, not on 9933: the exclusion protects
      nothing, and its port needs none: it lies outside the dynamic range
      fix: nothing has to be reserved for MSExchangeIMAP4BE on this host; leave
        it out of the playbook's hosts
    i MSExchangePOP3BE is not running: not known whether it uses 9955 or, as
      installed since 2013 CU23, 1995
      fix: see the port that is set, in the Exchange Management Shell:
        Get-PopSettings | Format-List ProxyTargetPort

ex04.corp.example: blocked
    ! tcp 9955 is open in svchost.exe (Dnscache, NlaSvc), pid 1004, which is not
      the service it is reserved for: an exclusion can't be added while it is
      open
      fix: stop or restart that process at a convenient time, then plan again
        right away, before another process takes the port
    i MSExchangeIMAP4BE and MSExchangePOP3BE are not running: not known whether
      they use 9933 and 9955 or, as installed since 2013 CU23, 1993 and 1995
      fix: see the port that is set, in the Exchange Management Shell:
        Get-ImapSettings | Format-List ProxyTargetPort; Get-PopSettings |
        Format-List ProxyTargetPort

ex05.corp.example: unreachable
    ! the connection broke off [connect/lost]

ex06.corp.example: as desired
    i MSExchangeIMAP4BE and MSExchangePOP3BE are not running: not known whether
      they use 9933 and 9955 or, as installed since 2013 CU23, 1993 and 1995
      fix: see the port that is set, in the Exchange Management Shell:
        Get-ImapSettings | Format-List ProxyTargetPort; Get-PopSettings |
        Format-List ProxyTargetPort

Summary: 4 to change, 1 as desired, 1 blocked, 1 unreachable.
`;

const verbose = `Reserve the Exchange back-end ports: 1 host

ex03.corp.example: to change
    + reserve tcp 9955 on ipv4 for MSExchangePOP3BE
        netsh interface ipv4 add excludedportrange protocol=tcp startport=9955 numberofports=1 store=persistent
        if still needed: netsh interface ipv4 add excludedportrange protocol=tcp startport=9955 numberofports=1 store=active
    + reserve tcp 9955 on ipv6 for MSExchangePOP3BE
        netsh interface ipv6 add excludedportrange protocol=tcp startport=9955 numberofports=1 store=persistent
        if still needed: netsh interface ipv6 add excludedportrange protocol=tcp startport=9955 numberofports=1 store=active
    ~ stop MSExchangeIMAP4BE, which holds tcp 9933
        sc stop MSExchangeIMAP4BE
    + reserve tcp 9933 on ipv4 for MSExchangeIMAP4BE
        netsh interface ipv4 add excludedportrange protocol=tcp startport=9933 numberofports=1 store=persistent
        if still needed: netsh interface ipv4 add excludedportrange protocol=tcp startport=9933 numberofports=1 store=active
    + reserve tcp 9933 on ipv6 for MSExchangeIMAP4BE
        netsh interface ipv6 add excludedportrange protocol=tcp startport=9933 numberofports=1 store=persistent
        if still needed: netsh interface ipv6 add excludedportrange protocol=tcp startport=9933 numberofports=1 store=active
    ~ start MSExchangeIMAP4BE again
        sc start MSExchangeIMAP4BE
    i tcp 9933 is open in its own service MSExchangeIMAP4BE, which is stopped
      for the change and started again
    i MSExchangePOP3BE is not running: not known whether it uses 9955 or, as
      installed since 2013 CU23, 1995
      fix: see the port that is set, in the Exchange Management Shell:
        Get-PopSettings | Format-List ProxyTargetPort

Summary: 1 to change, 0 as desired, 0 blocked, 0 unreachable.
`;
