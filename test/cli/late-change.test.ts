// A command that reaches a host behind the looks that told of it: the connection broke, the host stood still with the request in its queue (a
// VM that was frozen), and carries it out later. Whatever is said of the host must be true then as well.
import { describe, expect, test } from 'vitest';
import type { RequestRecord } from '../../src/lab/http/http-handler.ts';
import type { MishapSpec } from '../../src/lab/scenario/server-spec.ts';
import { amount } from '../support/amount.ts';
import { expectExit } from '../support/expect-exit.ts';
import { withLab, type TestLab } from '../support/lab.ts';

function late(line: string, nth: number, byRequests: number): MishapSpec {
  return { on: { operation: 'command', line, nth, request: null }, act: { kind: 'late', byRequests }, times: 1 };
}

/** Behind it nothing is under way any more. */
async function outlast(lab: TestLab): Promise<void> {
  for (let rounds = 0; rounds < 3; rounds += 1)
    expectExit(await lab.run(['collect', '-i', lab.inventoryFile, '--json']), 0);
}

async function lastVerdict(lab: TestLab): Promise<string> {
  const events = await lab.events((await lab.runs()).at(-1) ?? '');
  const verdicts = events.flatMap((event) => (event.type === 'host-finished' ? [event.verdict] : []));
  expect(verdicts).toHaveLength(1);
  return verdicts[0] ?? '';
}

/** Behind so many requests: a look takes two, a Command and a Receive. */
const delays = amount({ share: [1, 3, 8], ci: [1, 2, 3, 4, 5, 6, 7, 8, 10, 13] });
const reserved = [9933, 9955];

function ownPorts({ fleet }: TestLab): readonly number[] {
  const { ipv4, ipv6 } = fleet.server('ex01').machine.exclusions.tcp;
  const [first = [], ...others] = [ipv4.active, ipv4.persistent, ipv6.active, ipv6.persistent].map((rows) =>
    rows.map((row) => row.range.firstPort).filter((port) => reserved.includes(port)),
  );
  for (const other of others) expect(other.toSorted()).toEqual(first.toSorted());
  return first.toSorted();
}

describe.each(delays)('a command that comes behind %i requests', (byRequests) => {
  test.each([1, 2, 3])('the add number %i of an apply', async (nth) => {
    const mishaps = [late('add excludedportrange', nth, byRequests)];
    await withLab([{ name: 'ex01', mishaps }], async (lab) => {
      const before = lab.states();
      const applied = await lab.run(['apply', '-i', lab.inventoryFile, '--yes']);
      await outlast(lab);
      const verdict = await lastVerdict(lab);
      if (applied.exitCode === 0) {
        expect([verdict, ownPorts(lab)]).toEqual(['changed', reserved]);
      } else {
        expect([verdict, lab.differencesSince(before)]).toEqual(['failed-rolled-back', '']);
      }
    });
  });

  test.each([1, 2])('the delete number %i of a rollback', async (nth) => {
    const mishaps = [late('delete excludedportrange', nth, byRequests)];
    await withLab([{ name: 'ex01', mishaps }], async (lab) => {
      const before = lab.states();
      expectExit(await lab.run(['apply', '-i', lab.inventoryFile, '--yes']), 0);
      const [run = ''] = await lab.runs();
      const back = await lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes']);
      const atVerdict = lab.states();
      await outlast(lab);
      expect(lab.differencesSince(atVerdict)).toBe('');
      if (back.exitCode === 0) {
        expect(lab.differencesSince(before)).toBe('');
        return;
      }
      expect(await lastVerdict(lab)).toBe('failed-partial');
      expectExit(await lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes']), 0);
      expect(lab.differencesSince(before)).toBe('');
    });
  });
});

// Two misfortunes at once: the first Delete of the shell in which the command may still begin is lost too.
test.each(delays)(
  'killed as it sent a change that comes behind %i requests: what its rollback says stays true',
  async (byRequests) => {
    // The first is that of the survey, behind which the run begins.
    const lostDelete: MishapSpec = {
      on: { operation: 'delete', nth: 2, line: null, request: null },
      act: { kind: 'drop-before' },
      times: 1,
    };
    const watch = { onRequest: (record: RequestRecord): unknown => record };
    await withLab(
      [{ name: 'ex01', mishaps: [late('add excludedportrange', 1, byRequests), lostDelete] }],
      async (lab) => {
        const before = lab.states();
        const sent = new Promise<void>((resolve) => {
          watch.onRequest = ({ mishap }) => {
            if (mishap === 'late') resolve();
          };
        });
        const running = lab.start(['apply', '-i', lab.inventoryFile, '--yes']);
        await Promise.race([sent, running.ended]);
        running.kill('SIGKILL');
        expect((await running.ended).signal).toBe('SIGKILL');
        const [run = ''] = await lab.runs();
        expectExit(await lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes']), 0);
        const lost = lab.fleet.server('ex01').requests.filter((one) => one.mishap === 'drop-before');
        expect(lost.map((one) => one.operation)).toEqual(['delete']);
        await outlast(lab);
        expect(lab.differencesSince(before)).toBe('');
      },
      { onRequest: (_, record) => watch.onRequest(record) },
    );
  },
);
