// Which goals a table answers, and when each is met: figures in, lines out.
import { describe, expect, test } from 'vitest';
import { goalLines } from './goals.ts';
import { tableLines } from './table.ts';
import type { Client, Round, Row, Table } from './table.ts';

function round(differences: Partial<Round> = {}): Round {
  const usual = {
    cpuMs: 5000,
    peakMemoryMb: 150,
    requestsPerHost: 5,
    connectionsPerHost: 1,
    shellsLeft: 0,
    labCpuMs: 3000,
    othersShare: 0,
  };
  return { wallMs: 5000, ...usual, ...differences };
}

function row(client: Client, rounds: readonly Round[], concurrency = 200): Row {
  return { client, name: client, concurrency, rounds };
}

function table(rows: readonly Row[], differences: Partial<Table> = {}): Table {
  return { hosts: 1000, delayMs: 50, commandMs: 2000, rows, ...differences };
}

const cpuLimited = { delayMs: 30, commandMs: 0 };

describe('the first line', () => {
  // (5 x 50 + 2000) x 1000 / 200 = 11250 ms
  test.each([
    [22_500, 'delays and commands limit: collect took 2.00 times the limit; the lab was busy 13% of that time'],
    [22_612.5, 'CPU limits: collect took 2.01 times the limit; the lab was busy 13% of that time'],
  ])('at %d ms', (wallMs, line) => {
    expect(goalLines(table([row('collect', [round({ wallMs })])]))[0]).toBe(line);
  });
});

test('a fleet in two processes is busy when both are', () => {
  const [line] = goalLines(table([row('collect', [round({ labCpuMs: 5000 })])], { labProcesses: 2 }));
  expect(line).toContain('the lab was busy 50% of that time');
});

test.each([
  [0.1, 1],
  [0.11, 2],
])('a machine of which others have %d', (othersShare, count) => {
  const lines = goalLines(table([row('collect', [round({ wallMs: 14_000, othersShare })])], { hosts: 10 }));
  expect(lines).toHaveLength(count);
  if (count > 1) expect(lines[1]).toContain('other programs had 11% of the machine');
});

describe('wall beside the limit', () => {
  test.each([
    [14_062, 'met     wall at most 1.25 of the limit: 1.25'],
    [14_200, 'missed  wall at most 1.25 of the limit: 1.26'],
  ])('at %d ms', (wallMs, line) => {
    expect(goalLines(table([row('collect', [round({ wallMs })])])).slice(1)).toEqual([line]);
  });

  test('is not asked of fewer hosts, at another concurrency, or where the CPU limits', () => {
    const rows = (concurrency: number): readonly Row[] => [row('collect', [round({ wallMs: 12_000 })], concurrency)];
    for (const one of [table(rows(100), { hosts: 999 }), table(rows(199)), table(rows(200), cpuLimited)]) {
      expect(goalLines(one)).toHaveLength(1);
    }
  });
});

describe('the best other client', () => {
  const others = [
    row('library', [round({ wallMs: 100 })]),
    row('pypsrp', [round({ wallMs: 15_000 })]),
    row('go', [round({ wallMs: 16_000 })]),
    row('ansible-one-question', [round({ wallMs: 200 })]),
    row('awinrm', [round({ wallMs: 300 })], 100),
    row('pywinrm', []),
  ];

  test('is the quickest that asks the same with as many hosts at once', () => {
    expect(goalLines(table([row('collect', [round()]), ...others], cpuLimited)).slice(1)).toEqual([
      'met     3 times faster than the best other client (pypsrp): 3.00',
    ]);
  });

  test('is not asked for where delays limit', () => {
    expect(goalLines(table([row('collect', [round({ wallMs: 20_000 })]), ...others])).join()).not.toContain('3 times');
  });
});

test('Ansible is asked the same facts both ways', () => {
  const rows = [
    row('collect', [round()]),
    row('ansible-one-question', [round({ wallMs: 1 })], 20),
    row('ansible-whole-line', [round({ wallMs: 99_900 })], 20),
    row('ansible-each-question', [round({ wallMs: 100_000 })], 20),
  ];
  expect(goalLines(table(rows, cpuLimited)).slice(1)).toEqual([
    'missed  20 times faster than ansible-whole-line, same facts: 19.98',
    'met     20 times faster than ansible-each-question, same facts: 20.00',
  ]);
});

test.each([
  [299, 'met     peak memory below 300 MB at 10,000 hosts: 299 MB at 10000'],
  [300, 'missed  peak memory below 300 MB at 10,000 hosts: 300 MB at 10000'],
])('a peak of %d MB', (peakMemoryMb, line) => {
  const rows = [row('collect', [round({ wallMs: 250_000, peakMemoryMb })], 50)];
  expect(goalLines(table(rows, { hosts: 10_000 })).slice(1)).toEqual([line]);
  expect(goalLines(table(rows, { hosts: 9999 })).slice(1)).toEqual([]);
});

test.each([
  [10_001, "met     CPU per host below half of pywinrm's: 0.50"],
  [10_000, "missed  CPU per host below half of pywinrm's: 0.50"],
])('pywinrm took %d ms of CPU', (cpuMs, line) => {
  const rows = [row('collect', [round({ wallMs: 13_000 })]), row('pywinrm', [round({ cpuMs })])];
  expect(goalLines(table(rows)).at(-1)).toBe(line);
});

test('ratios are taken round by round', () => {
  // A machine that grew slower: the ratio of the medians would be 8000 / 5000.
  const ours = [round({ wallMs: 1000 }), round({ wallMs: 5000 }), round({ wallMs: 9000 })];
  const theirs = [round({ wallMs: 8000 }), round({ wallMs: 20_000 }), round({ wallMs: 1000 })];
  const rows = [row('collect', ours), row('pypsrp', theirs)];
  expect(goalLines(table(rows, { ...cpuLimited, delayMs: 1 }))[1]).toContain(': 4.00');
});

test('small fleets and a collect that failed answer nothing', () => {
  const others = [row('pypsrp', [round({ wallMs: 90_000 })]), row('pywinrm', [round()])];
  expect(goalLines(table([row('collect', []), ...others]))).toEqual([]);
  const small = table([row('collect', [round()]), ...others], { ...cpuLimited, hosts: 99 });
  expect(goalLines(small)).toHaveLength(1);
});

test('the table has a line for each client, and says which failed', () => {
  const lines = tableLines(table([row('collect', [round({ wallMs: 11_250 })]), row('go', [])]));
  expect(lines.slice(-2).map((line) => line.trim().split(/ +/))).toEqual([
    ['collect', '200', '11250', '1.00', '1.00', '5.00', '5.0', '150', '3.0', '0'],
    ['go', '200', 'failed'],
  ]);
});
