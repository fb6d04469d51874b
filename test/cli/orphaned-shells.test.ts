// No shell is left on a server: whatever the command, however it ends, the servers' own count says so. And what a killed run left is
// taken away first by whoever goes on with it.
import { describe, expect, test } from 'vitest';
import { amount } from '../support/amount.ts';
import { withLab, type Differences, type TestLab } from '../support/lab.ts';
import { expectExit } from '../support/expect-exit.ts';
import { afterRequests } from './six-hosts.ts';

const twoHosts: readonly Differences[] = [{ name: 'ex01' }, { name: 'ex02' }];

function openShells(lab: TestLab): number {
  return lab.fleet.servers.reduce((sum, server) => sum + server.openShells, 0);
}

/** The Delete at the end is not waited for by the process, so it may arrive a moment after its end. */
async function expectNoShell(lab: TestLab): Promise<void> {
  await expect.poll(() => openShells(lab), { timeout: 60_000 }).toBe(0);
}

function created(lab: TestLab): number {
  return lab.fleet.servers.flatMap((one) => one.requests).filter((one) => one.operation === 'create').length;
}

/** A command line, given the run that was there before it (`rollback` alone needs one). */
type Line = (lab: TestLab, run: string) => readonly string[];
const lines: Readonly<Record<string, Line>> = {
  collect: (lab) => ['collect', '-i', lab.inventoryFile],
  plan: (lab) => ['plan', '-i', lab.inventoryFile],
  verify: (lab) => ['verify', '-i', lab.inventoryFile],
  doctor: (lab) => ['doctor', '-i', lab.inventoryFile],
  apply: (lab) => ['apply', '-i', lab.inventoryFile, '--yes'],
  rollback: (lab, run) => ['rollback', run, '-i', lab.inventoryFile, '--yes'],
};

/** For `rollback`: there is a run to take back. Returns its name, else an empty one. */
async function prepare(command: string, lab: TestLab): Promise<string> {
  if (command !== 'rollback') return '';
  const applied = await lab.run(['apply', '-i', lab.inventoryFile, '--yes']);
  expectExit(applied, 0);
  return (await lab.runs())[0] ?? '';
}

/** After how many requests a command is interrupted; in the share one moment each of every other one: who plans, and who rolls back. */
function momentsFor(command: string): readonly number[] {
  const moments = [2, 4, 6, 11];
  const at = Object.keys(lines).indexOf(command);
  return amount({ share: at % 2 === 0 ? [] : moments.slice(at % moments.length).slice(0, 1), ci: moments });
}

describe.each(Object.entries(lines))('%s', (command, line) => {
  test('closes its shells at the end, and where requests and answers are lost', async () => {
    const lost = (operation: 'command' | 'receive', nth: number) => ({
      on: { operation, nth, line: null, request: null },
      act: { kind: 'drop-after' as const },
      times: 1,
    });
    const servers = [
      { name: 'ex01', mishaps: [lost('receive', 1)] },
      { name: 'ex02', mishaps: [lost('command', 2)] },
      { name: 'ex03' },
    ];
    await withLab(servers, async (lab) => {
      const run = await prepare(command, lab);
      await lab.run(line(lab, run));
      expect(created(lab)).toBeGreaterThanOrEqual(3);
      await expectNoShell(lab);
    });
  });

  // The second request of a host carries the Create, whose answer is still under way at the first moment.
  test.each(momentsFor(command))('interrupted after %i requests', async (requests) => {
    const watch = { onRequest: () => undefined };
    await withLab(
      twoHosts,
      async (lab) => {
        const run = await prepare(command, lab);
        const reached = afterRequests(lab, requests, watch);
        const running = lab.start(line(lab, run));
        await Promise.race([reached, running.ended]);
        running.kill('SIGINT');
        // Hosts in change are finished after the first; the second breaks off.
        if (command === 'apply' || command === 'rollback') {
          await Promise.race([running.until(/Interrupted|interrupted/).catch(() => undefined), running.ended]);
          running.kill('SIGINT');
        }
        await running.ended;
        await expectNoShell(lab);
      },
      {
        delayMs: 120,
        onRequest: () => {
          watch.onRequest();
        },
      },
    );
  });
});

/** Starts the command and kills it as soon as it has sent a change. */
async function dieInChange(lab: TestLab, line: readonly string[], watch: { onRequest: () => void }): Promise<void> {
  const sent = lab.changesSent().length;
  const changing = new Promise<void>((resolve) => {
    watch.onRequest = () => {
      if (lab.changesSent().length > sent) resolve();
    };
  });
  const running = lab.start(line);
  await changing;
  running.kill('SIGKILL');
  await running.ended;
}

const ways: readonly ('resume' | 'rollback')[] = ['resume', 'rollback'];

describe('a run that was killed', () => {
  test.each(ways)('%s first deletes the shells it left', async (way) => {
    const watch = { onRequest: () => undefined };
    await withLab(
      twoHosts,
      async (lab) => {
        await dieInChange(lab, ['apply', '-i', lab.inventoryFile, '--yes'], watch);
        const left = openShells(lab);
        expect(left).toBeGreaterThan(0);
        const [run = ''] = await lab.runs();
        const opened = (await lab.events(run)).filter((one) => one.type === 'shell-opened');
        expect(opened.length).toBeGreaterThanOrEqual(left);

        const { length: before } = lab.fleet.server('ex01').requests;
        const went = await lab.run([way, run, '-i', lab.inventoryFile, '--yes', '--trace']);
        expectExit(went, 0);
        expect(went.stderr).toContain('left behind by a run that died');
        const after = lab.fleet
          .server('ex01')
          .requests.slice(before)
          .map((one) => one.operation);
        expect(after.indexOf('delete')).toBeLessThan(after.indexOf('create'));
        await expectNoShell(lab);
      },
      {
        delayMs: 30,
        onRequest: () => {
          watch.onRequest();
        },
      },
    );
  });

  /** Resolves when the servers have been sent so many command lines more. */
  function afterCommands(lab: TestLab, count: number, watch: { onRequest: () => void }): Promise<void> {
    const commands = (): number =>
      lab.fleet.servers.flatMap((one) => one.requests).filter((one) => one.operation === 'command').length;
    const goal = commands() + count;
    return new Promise((resolve) => {
      watch.onRequest = () => {
        if (commands() >= goal) resolve();
      };
    });
  }

  test.each(amount({ share: ways.slice(1), ci: ways }))(
    '%s ends shells on hosts that were not started',
    async (way) => {
      const watch = { onRequest: (): void => undefined };
      await withLab(
        twoHosts,
        async (lab) => {
          const plan = lab.path('tonight.plan');
          expectExit(await lab.run(['plan', '-i', lab.inventoryFile, '--out', plan]), 0);
          await expectNoShell(lab);
          const asked = afterCommands(lab, 1, watch);
          const running = lab.start(['apply', plan, '-i', lab.inventoryFile, '--yes']);
          await asked;
          running.kill('SIGKILL');
          await running.ended;
          const [run = ''] = await lab.runs();
          const events = await lab.events(run);
          expect(events.some((one) => one.type === 'host-started')).toBe(false);
          expect(events.some((one) => one.type === 'shell-opened')).toBe(true);
          expect(openShells(lab)).toBeGreaterThan(0);

          expectExit(await lab.run([way, run, '-i', lab.inventoryFile, '--yes']), 0);
          await expectNoShell(lab);
        },
        {
          delayMs: 60,
          onRequest: () => {
            watch.onRequest();
          },
        },
      );
    },
  );

  test.each(amount({ share: ways.slice(0, 1), ci: ways }))('a dry run of %s deletes them, and says so', async (way) => {
    const watch = { onRequest: (): void => undefined };
    await withLab(
      [{ name: 'ex01' }],
      async (lab) => {
        await dieInChange(lab, ['apply', '-i', lab.inventoryFile, '--yes'], watch);
        expect(openShells(lab)).toBe(1);
        const [run = ''] = await lab.runs();
        const sent = lab.changesSent().length;

        const dry = await lab.run([way, run, '-i', lab.inventoryFile, '--dry-run']);
        expect(dry.stderr).toContain(
          'no setting was changed. Shells that the interrupted run had left on 1 host were deleted',
        );
        await expectNoShell(lab);
        expect(lab.changesSent()).toHaveLength(sent);
      },
      {
        delayMs: 30,
        onRequest: () => {
          watch.onRequest();
        },
      },
    );
  });

  test('a rollback ends the shells of one that was killed', async () => {
    const watch = { onRequest: (): void => undefined };
    await withLab(
      twoHosts,
      async (lab) => {
        expectExit(await lab.run(['apply', '-i', lab.inventoryFile, '--yes']), 0);
        const [run = ''] = await lab.runs();
        await expectNoShell(lab);
        await dieInChange(lab, ['rollback', run, '-i', lab.inventoryFile, '--yes'], watch);
        expect(openShells(lab)).toBeGreaterThan(0);

        expectExit(await lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes']), 0);
        await expectNoShell(lab);
      },
      {
        delayMs: 30,
        onRequest: () => {
          watch.onRequest();
        },
      },
    );
  });

  test('a shell that is gone by now is nobody`s trouble', async () => {
    const watch = { onRequest: () => undefined };
    await withLab(
      [{ name: 'ex01' }],
      async (lab) => {
        await dieInChange(lab, ['apply', '-i', lab.inventoryFile, '--yes'], watch);
        const [run = ''] = await lab.runs();
        for (const way of ['resume', 'rollback']) {
          const went = await lab.run([way, run, '-i', lab.inventoryFile, '--yes']);
          expectExit(went, 0);
        }
        await expectNoShell(lab);
      },
      {
        delayMs: 30,
        onRequest: () => {
          watch.onRequest();
        },
      },
    );
  });
});
