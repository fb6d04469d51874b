// What became of a run, as a person reads it at 80 columns, word for word.
import { describe, expect, test } from 'vitest';
import { verdicts as allVerdicts, type HostVerdict, type RunEvent } from '../../../src/model/outcome.ts';
import { renderEvent, renderRuns, renderVerdicts } from '../../../src/report/text/run-text.ts';
import { runStarted } from '../../journal/events.ts';
import { verdictWords } from '../../../src/report/view/human-words.ts';

const at = '2026-12-05T22:15:09.000Z';
const verdict = (
  host: string,
  word: HostVerdict['verdict'],
  detail: string,
  failure: HostVerdict['failure'] = null,
): HostVerdict => ({ host, verdict: word, detail, failure });

const some: readonly HostVerdict[] = [
  verdict('ex01', 'changed', '4 of 4 steps done and verified'),
  verdict(
    'ex02',
    'failed-rolled-back',
    '"netsh interface ipv6 add excludedportrange" did not do its work: afterwards tcp 9933 on ipv6 is in neither store; all of it was rolled back',
    {
      code: 'step/no-effect',
      message: 'm',
      where: 'ex02',
      hint: 'Windows said (exit code 1): Der Prozess kann nicht auf die Datei zugreifen.',
    },
  ),
  verdict('ex03', 'unreachable', 'the password was refused', {
    code: 'auth/refused',
    message: 'the password was refused',
    where: 'ex03',
    hint: 'fencepost doctor --limit ex03',
  }),
  verdict('ex04', 'in-doubt', 'the connection broke off', null),
  verdict('ex05', 'changed', '4 of 4 steps done and verified'),
  verdict('ex06', 'unchanged', 'already as desired'),
];

test('verdicts of an apply, worst first', () => {
  expect(renderVerdicts(some, 'apply')).toBe(applied);
});

test('a failure without a fix names the page that has the usual ones', () => {
  const failure = { code: 'step/no-effect', message: 'm', where: 'ex01', hint: null } as const;
  const text = (hosts: readonly string[]) =>
    renderVerdicts(
      hosts.map((host) => verdict(host, 'failed-rolled-back', 'no effect', failure)),
      'apply',
    );
  expect(text(['ex01'])).toContain('  ex01: no effect\n    more: fencepost explain step/no-effect\n');
  expect(text(['ex01', 'ex02'])).toContain('    no effect\n    more: fencepost explain step/no-effect\n');
});

test('a list of runs breaks no word on a terminal of 80 columns, and is one row a run in a pipe', () => {
  const started = { ...runStarted, kind: 'rollback', of: '20261205-210000-bbbbbb' } as const;
  const failed = [verdict('ex01', 'failed-rolled-back', 'd'), verdict('ex02', 'failed-partial', 'd')];
  const outline = { started, verdicts: failed, inChange: [], finished: null, stopping: null };
  const listed = [{ run: started.run, outline, problem: null, rolledBackBy: [] }];
  expect(renderRuns(listed)).toMatch(
    /^20261205-220000-aaaaaa {2}rollback of 20261205-210000-bbbbbb {2}2026-12-05T22:00:00Z {2}ops {2}not finished {2}1 failed-partial, 1 failed-rolled-back\n/m,
  );
  expect(renderRuns(listed, 80)).toBe(`RUN                     WHAT         STARTED     BY   STATE     HOSTS
20261205-220000-aaaaaa  rollback of  2026-12-05  ops  not       1
                        20261205-    22:00:00Z        finished  failed-
                        210000-                                 partial, 1
                        bbbbbb                                  failed-
                                                                rolled-back
`);
});

test('verdicts of a rollback have its own words', () => {
  expect(
    renderVerdicts(
      [
        verdict('ex01', 'changed', ''),
        verdict('ex02', 'unchanged', ''),
        verdict('ex03', 'conflict', 'somebody else changed this host since'),
      ],
      'rollback',
    ),
  ).toBe(back);
});

test('hosts of which the same is to be said are one paragraph, and a silent network is said once', () => {
  const silent = Array.from({ length: 60 }, (_, index): HostVerdict => {
    const where = `ex${String(index + 1).padStart(2, '0')}:5985`;
    const message = 'no connection within 10000 ms';
    return verdict(where.slice(0, 4), 'unreachable', message, {
      code: 'connect/timeout',
      message,
      where,
      hint: 'is the host up?',
    });
  });
  const held = ['mb01', 'mb02'].map((host) => verdict(host, 'blocked', 'tcp 9933 is open in pid 8 foreign.exe'));
  const others = [
    verdict('mb03', 'blocked', 'tcp 9955 is open in pid 9 foreign.exe'),
    verdict('ex61', 'skipped', 'not started'),
  ];
  const addresses = new Map([...silent, ...others].map(({ host }, index) => [host, `10.3.7.${index}`]));
  addresses.set('mb03', '10.3.8.1');
  expect(renderVerdicts([...silent, ...held, ...others], 'apply', addresses)).toBe(alike);
  expect(renderVerdicts([...silent, ...held, ...others], 'apply')).not.toContain('none of');
  const heard = [...silent, verdict('ex62', 'stale', 'somebody changed it')];
  expect(renderVerdicts(heard, 'apply', new Map(addresses).set('ex62', '10.3.7.99'))).not.toContain('none of');
});

test('every verdict has words of its own, and is in the summary', () => {
  const words = allVerdicts.map((one) => verdictWords(one, 'apply'));
  expect(new Set(words).size).toBe(allVerdicts.length);
  const text = renderVerdicts(
    allVerdicts.map((one, index) => verdict(`h${index}`, one, 'd')),
    'apply',
  );
  for (const [index, one] of allVerdicts.entries()) {
    expect(text).toContain(`1 ${one}`);
    expect(text).toContain(`h${index}`);
  }
});

describe('an event as a line', () => {
  test.each<[RunEvent, string]>([
    [
      { at, type: 'host-finished', ...verdict('ex01', 'changed', '4 of 4 steps done and verified'), findings: [] },
      '22:15:09  ex01: changed: 4 of 4 steps done and verified\n',
    ],
    [
      {
        at,
        type: 'command-finished',
        host: 'ex01',
        step: 1,
        direction: 'do',
        exitCode: 0,
        text: '\r\nOk.\r\n\r\n',
        state: null,
        before: null,
        after: null,
      },
      '22:15:09  ex01: exit code 0, "Ok."\n',
    ],
    [
      {
        at,
        type: 'command-finished',
        host: 'ex01',
        step: 1,
        direction: 'do',
        exitCode: 1,
        text: ' \r\n',
        state: null,
        before: null,
        after: null,
      },
      '22:15:09  ex01: exit code 1\n',
    ],
    [
      {
        at,
        type: 'command-lost',
        host: 'ex01',
        step: 1,
        direction: 'do',
        effect: 'unknown',
        failure: { code: 'connect/lost', message: 'it broke off', where: null, hint: null },
      },
      '22:15:09  ex01: answer lost, checking the host: it broke off\n',
    ],
    [{ at, type: 'run-stopping', reason: 'interrupted' }, '22:15:09  starting no new hosts: interrupted\n'],
    [
      {
        at,
        type: 'step-finished',
        host: 'ex01',
        step: 2,
        direction: 'undo',
        result: 'done',
        state: null,
        look: null,
        changedByOtherFamily: false,
        failure: null,
      },
      '22:15:09  ex01: step 2 undo: done\n',
    ],
  ])('%#', (event, line) => {
    expect(renderEvent(event)).toBe(line);
  });
});

const alike = `3 hosts: blocked, skipped
  mb01, mb02:
    tcp 9933 is open in pid 8 foreign.exe
  mb03: tcp 9955 is open in pid 9 foreign.exe
60 hosts: unreachable, nothing sent
  ex[01:60]:
    ! no connection within 10000 ms [connect/timeout]
      fix: is the host up?
1 host: not started
  ex61: not started

! none of the 60 hosts in 10.3.7.0/24 answered: check the network first (switch,
  firewall, line)

Summary: 64 hosts: 1 skipped, 60 unreachable, 3 blocked.
`;

const applied = `1 host: IN DOUBT
  ex04: the connection broke off
1 host: failed, rolled back
  ex02: "netsh interface ipv6 add excludedportrange" did not do its work:
    afterwards tcp 9933 on ipv6 is in neither store; all of it was rolled back
    fix: Windows said (exit code 1): Der Prozess kann nicht auf die Datei
      zugreifen. [step/no-effect]
1 host: unreachable, nothing sent
  ex03:
    ! the password was refused [auth/refused]
      fix: fencepost doctor --limit ex03
2 hosts: changed and verified
  ex01, ex05
1 host: unchanged, already as desired
  ex06

Summary: 6 hosts: 1 unchanged, 2 changed, 1 unreachable, 1 failed-rolled-back, 1 in-doubt.
`;

const back = `1 host: conflict, skipped
  ex03: somebody else changed this host since
1 host: rolled back and verified
  ex01
1 host: unchanged, nothing to roll back
  ex02

Summary: 3 hosts: 1 unchanged, 1 changed, 1 conflict.
`;
