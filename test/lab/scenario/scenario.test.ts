// Scenario files: what is written, what becomes of it, and all mistakes at once.
import { describe, expect, it } from 'vitest';
import { readYaml } from '../../../src/yaml/document.ts';
import { buildMachine } from '../../../src/lab/scenario/build-machine.ts';
import { readScenario } from '../../../src/lab/scenario/scenario.ts';
import { serverSpec } from '../../../src/lab/scenario/server-spec.ts';
import type { ServerSpec } from '../../../src/lab/scenario/server-spec.ts';

function servers(text: string): readonly ServerSpec[] {
  const { value, issues } = readScenario(readYaml(text, 'lab.yml'));
  expect(issues).toEqual([]);
  return value?.servers ?? [];
}

function issues(text: string): string[] {
  const read = readScenario(readYaml(text, 'lab.yml'));
  expect(read.value).toBeNull();
  return read.issues.map(({ line, message }) => `${line} ${message}`);
}

describe('readScenario', () => {
  it('gives a server with nothing but a name every default', () => {
    expect(servers('servers:\n  - name: ex01\n')).toEqual([serverSpec({ name: 'ex01' })]);
  });

  it('lets a server stand over the defaults, quirk by quirk', () => {
    const [one, two] = servers(`
defaults: { language: de, windows: 2016, quirks: { one_list: false, exit_codes_lie: true } }
servers:
  - name: a
  - { name: b, language: fr, quirks: { one_list: true } }
`);
    expect(one).toMatchObject({ language: 'de', windows: '2016', quirks: { oneList: false, exitCodesLie: true } });
    expect(two).toMatchObject({ language: 'fr', windows: '2016', quirks: { oneList: true, exitCodesLie: true } });
  });

  it('reads every key', () => {
    const [server] = servers(`
servers:
  - name: ex[01:02].corp
    groups: [paris]
    variables: { availability_group: dag1 }
    language: zh-TW
    windows: 2012r2
    exchange: se
    listener: https
    auth: [ntlm, basic]
    dynamic: { start: 1025, count: 64510 }
    exclusions: [{ port: 9933, family: ipv6, store: active }, { port: 100, count: 9, administered: false }]
    holders: [{ port: 9955, image: svchost.exe, services: [Dnscache], family: ipv4, state: TIME_WAIT }]
    imap: running
    pop: missing
    imap_port: 1993
    pop_port: 1995
    services: [{ name: X, state: running, image: X.exe, ports: [1234] }]
    rights: user
    hotfix: false
    password: wrong
    reachable: false
    filler: false
    quirks: { refuse_add: ipv6, pending_queries: 4, sc_start_fails: X }
    mishaps:
      - { on: { operation: command, nth: 2, line: excludedportrange }, do: drop-after, times: 3 }
      - { on: { request: 5 }, do: { delay_ms: 300 } }
      - { on: { operation: receive }, do: { fault: 2150858843 } }
      - { on: {}, do: { status: 503 } }
      - { on: { request: 6 }, do: { stranger: { does: reserve, port: 9933 } } }
      - { on: { request: 7 }, do: { stranger: { does: stop, service: X } } }
`);
    expect(server).toMatchObject({
      name: 'ex01.corp',
      groups: ['paris'],
      variables: { availability_group: 'dag1' },
      windows: '2012r2',
      exchange: 'se',
      auth: ['ntlm', 'basic'],
      imapPort: 1993,
      popPort: 1995,
      rights: 'user',
      filler: false,
      quirks: { refuseAdd: 'ipv6', pendingQueries: 4, scStartFails: 'X', oneList: true },
      exclusions: [
        { range: { firstPort: 9933, portCount: 1 }, administered: true, stores: ['active'], families: ['ipv6'] },
        {
          range: { firstPort: 100, portCount: 9 },
          administered: false,
          stores: ['active'],
          families: ['ipv4', 'ipv6'],
        },
      ],
      holders: [{ port: 9955, protocol: 'tcp', families: ['ipv4'], state: 'TIME_WAIT' }],
      mishaps: [
        {
          on: { operation: 'command', nth: 2, line: 'excludedportrange', request: null },
          act: { kind: 'drop-after' },
          times: 3,
        },
        { on: { operation: 'any', nth: null, request: 5 }, act: { kind: 'delay', delayMs: 300 }, times: 1 },
        { act: { kind: 'fault', code: 2150858843 } },
        { act: { kind: 'status', status: 503 } },
        { act: { kind: 'stranger', deed: { does: 'reserve', range: { firstPort: 9933 }, store: 'persistent' } } },
        { act: { kind: 'stranger', deed: { does: 'stop', service: 'X' } } },
      ],
    });
    expect(server?.dynamic.map((one) => `${one.family} ${one.protocol} ${one.range.firstPort}`)).toEqual([
      'ipv4 tcp 1025',
      'ipv6 tcp 1025',
    ]);
  });

  it.each([
    ['ex[01:03]', ['ex01', 'ex02', 'ex03']],
    ['ex[8:10].corp', ['ex8.corp', 'ex9.corp', 'ex10.corp']],
    ['ex[00:10:5]', ['ex00', 'ex05', 'ex10']],
  ])('expands %s', (name, expected) => {
    expect(servers(`servers: [{ name: "${name}" }]`).map((one) => one.name)).toEqual(expected);
  });

  it('reports every mistake with its line', () => {
    const found = issues(`
defaults: { langauge: de, dynamic: { start: 6005, count: 70000 } }
servers:
  - { name: a, windows: 2017, imap: maybe }
  - { name: b, holders: [{ port: 0, image: x }], quirks: { one_lists: true } }
  - { exchange: 2010 }
`);
    expect(found).toHaveLength(8);
    expect(found.map((one) => one.split(' ')[0])).toEqual(['2', '2', '4', '4', '5', '5', '6', '6']);
    expect(found[0]).toMatch(/defaults\.langauge: unknown key \(did you mean "language"\?\)/);
  });

  it.each([
    ['servers: []', /at least one server/],
    ['servers: [{ name: "ex[3:1]" }]', /must not go backwards/],
    ['servers: [{ name: "ex[01:3]" }]', /the same length/],
    ['servers: [{ name: "ex[a:c]" }]', /range like/],
    ['servers: [{ name: "ex[1:9999]" }]', /at most 2000/],
    ['servers: [{ name: a }, { name: a }]', /a is listed twice/],
    ['servers: [{ name: a, dynamic: { start: 60000, count: 60000 } }]', /ends at 119999, above 65535/],
    ['servers: [{ name: a, exclusions: [{ port: 65535, count: 2 }] }]', /ends at 65536/],
    [
      'servers: [{ name: a, imap: running, holders: [{ port: 9933, image: x.exe }] }]',
      /cannot be running while x\.exe has/,
    ],
    ['servers: [{ name: a, mishaps: [{ on: {}, do: explode }] }]', /do/],
    ['- nonsense', /mapping/],
    ['servers: [', /./],
  ])('refuses %s', (text, message) => {
    expect(issues(text).join('\n')).toMatch(message);
  });
});

describe('machineOf', () => {
  it('shows what every WinRM host with IIS has', () => {
    const machine = buildMachine(serverSpec({ name: 'a' }));
    const rows = machine.exclusions.tcp.ipv4.active.map(
      ({ range, administered }) => `${range.firstPort}${administered ? '*' : ''}`,
    );
    expect(rows).toEqual(['80', '443', '5985', '47001', '50000*']);
    expect(machine.exclusions.tcp.ipv4.persistent).toHaveLength(1);
    expect(machine.sockets.filter((one) => one.processId === 4)).toHaveLength(8);
  });

  it('has no back ends without Exchange, and does not run one whose port is taken', () => {
    const holders = [
      { port: 9933, protocol: 'tcp', image: 'x.exe', services: [], families: ['ipv4'], state: 'LISTENING' },
    ] as const;
    expect(buildMachine(serverSpec({ name: 'a', exchange: 'none', imap: 'running' })).services).toEqual([]);
    const states = buildMachine(serverSpec({ name: 'a', imap: 'running', pop: 'running', holders })).services;
    expect(states.map((one) => one.state)).toEqual(['stopped', 'running']);
  });
});
