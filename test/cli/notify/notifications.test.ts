// Notifications of whole commands, against an endpoint that works, fails and recovers: what is told, once, and that nothing of it changes what a
// run does, its exit code, or how long it takes beyond the stated bound.
import { mkdir, readdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { expectBounded } from '../../support/expect-bounded.ts';
import { openEndpoint, type HttpEndpoint } from '../../support/http-endpoint.ts';
import { expectExit } from '../../support/expect-exit.ts';
import { sixHosts, sixHostsPlaybook } from '../six-hosts.ts';
import { reserved, withLab, type Differences, type TestLab } from '../../support/lab.ts';

let endpoint: HttpEndpoint;
beforeEach(async () => {
  endpoint = await openEndpoint(204);
});
afterEach(() => endpoint.close());

const policy = (lab: TestLab, more = '') =>
  lab.write('policy.yml', `notify:\n  room:\n    webhook: { env: ROOM_URL }\n${more}`);
const env = () => ({ ROOM_URL: endpoint.url });
const told = () => endpoint.taken.map((one) => String(one['event']));
const waiting = async (lab: TestLab) =>
  (await readdir(join(lab.stateDirectory, 'outbox')).catch(() => [])).filter((name) => name.endsWith('.json'));
const twoHosts: readonly Differences[] = [{ name: 'ex01' }, { name: 'ex02' }];

test('apply, verify and rollback tell what happens, each note once, with the run and the command to type next', async () => {
  await withLab(twoHosts, async (lab) => {
    await policy(lab);
    const apply = await lab.run(['apply', '-i', lab.inventoryFile, '--yes'], { env: env() });
    expectExit(apply, 0);
    expect(apply.stderr).not.toMatch(/warning/);
    expect(told()).toEqual(['run-started', 'run-finished']);
    const [run = ''] = await lab.runs();
    expect(endpoint.taken[0]).toMatchObject({
      schema: 'fencepost/notification',
      version: 1,
      title: 'Apply started: 2 hosts to change',
      run,
      next: `fencepost status ${run}`,
    });
    expect(endpoint.requests[0]?.headers['idempotency-key']).toBe(endpoint.taken[0]?.['id']);
    expectExit(await lab.run(['verify', '-i', lab.inventoryFile], { env: env() }), 0);
    expect(told()).toHaveLength(2);
    expectExit(await lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes'], { env: env() }), 0);
    expect(told().slice(2)).toEqual(['run-started', 'run-finished']);
    expectExit(await lab.run(['verify', '-i', lab.inventoryFile], { env: env() }), 2);
    expect(endpoint.taken.at(-1)).toMatchObject({
      event: 'drift',
      title: 'Drift: of 2 hosts, 2 not as desired, 0 blocked',
      next: `fencepost plan -i ${lab.inventoryFile}`,
    });
    expect(await waiting(lab)).toEqual([]);
    // Nothing of a password, nor of the address of the webhook.
    const all = endpoint.requests.map((one) => one.body).join('\n');
    expect(all).not.toContain(lab.password);
    expect(all).not.toContain('/hook');
  });
});

test('an endpoint that is dead changes neither outcome nor exit code; its notes go out with the next command, in order', async () => {
  await withLab(twoHosts, async (lab) => {
    await policy(lab);
    endpoint.answer('hang');
    const startMs = performance.now();
    const apply = await lab.run(['apply', '-i', lab.inventoryFile, '--yes', '--json'], { env: env() });
    expectExit(apply, 0);
    expectBounded(startMs);
    expect(apply.stderr.match(/warning: 2 notifications could not be delivered to room: .*Kept/g)).toHaveLength(1);
    expect((JSON.parse(apply.stdout) as { hosts: readonly object[] }).hosts).toMatchObject([
      { verdict: 'changed' },
      { verdict: 'changed' },
    ]);
    expect(await waiting(lab)).toHaveLength(2);
    endpoint.answer(503, 204);
    expectExit(await lab.run(['verify', '-i', lab.inventoryFile], { env: env() }), 0);
    expect(told()).toEqual(['run-started', 'run-finished']);
    expect(await waiting(lab)).toEqual([]);
  });
});

test('a killed apply is told by the next watch, once, whoever watches', async () => {
  const watch = { onRequest: (): void => undefined };
  await withLab(
    [{ name: 'ex01' }, { name: 'ex02' }],
    async (lab) => {
      await policy(lab, '    events: [run-died]\n');
      const running = lab.start(['apply', '-i', lab.inventoryFile, '--yes'], { env: env() });
      await new Promise<void>((resolve) => {
        watch.onRequest = () => {
          if (lab.changesSent().length > 0) resolve();
        };
      });
      const once = ['watch', '--once', '-i', lab.inventoryFile];
      // Alive, although it does nothing: nothing is told.
      running.kill('SIGSTOP');
      const early = await lab.run([...once, '--json'], { env: env() });
      running.kill('SIGKILL');
      await running.ended;
      expect([early.exitCode, JSON.parse(early.stdout)]).toMatchObject([0, { dead: [] }]);
      expect(told()).toEqual([]);
      const [run = ''] = await lab.runs();
      const both = await Promise.all([
        lab.run(once, { env: env(), fresh: true }),
        lab.run(once, { env: env(), fresh: true }),
      ]);
      for (const one of both) expectExit(one, 0);
      expect(both[0].stdout).toContain(`Run ${run} is not finished`);
      expect(told()).toEqual(['run-died']);
      expect(endpoint.taken[0]).toMatchObject({
        run,
        severity: 'alarm',
        next: expect.stringMatching(`fencepost re.* ${run}`) as string,
      });
      expectExit(await lab.run(once, { env: env() }), 0);
      expect(told()).toEqual(['run-died']);
      // Looking took nothing from the run: it is resumed, and is told no more.
      expectExit(await lab.run(['resume', run, '-i', lab.inventoryFile, '--yes'], { env: env() }), 0);
      const last = await lab.run([...once, '--json'], { env: env() });
      expect(JSON.parse(last.stdout)).toMatchObject({ schema: 'fencepost/watch', dead: [] });
      expect(told()).toEqual(['run-died']);
    },
    {
      delayMs: 5,
      onRequest: () => {
        watch.onRequest();
      },
    },
  );
});

test('a window that was missed and a plan that changes nothing', async () => {
  await withLab([{ name: 'ex01' }, { name: 'ex02', exclusions: [reserved(9933), reserved(9955)] }], async (lab) => {
    await policy(lab);
    const book = await lab.write(
      'late.yml',
      `name: Too late\nhosts: exchange\nexclusions: [{ port: 9933 }, { port: 9955 }]\nwindow: { opens: 2026-01-01T22:00:00Z, closes: 2026-01-02T02:00:00Z }\n`,
    );
    expectExit(await lab.run(['apply', '-i', lab.inventoryFile, '-p', book, '--yes'], { env: env() }), 1);
    expect(endpoint.taken).toMatchObject([
      {
        event: 'window-missed',
        facts: [
          expect.stringContaining('closed at'),
          expect.stringContaining('2026-01-02'),
          'playbook: Too late',
          'hosts: ex01',
        ],
      },
    ]);
    expectExit(await lab.run(['apply', '-i', lab.inventoryFile, '-l', 'ex02', '--yes'], { env: env() }), 0);
    expectExit(await lab.run(['apply', '-i', lab.inventoryFile, '--dry-run'], { env: env() }), 0);
    expect(told()).toHaveLength(1);
    expect(lab.changesSent()).toEqual([]);
  });
});

test('Ctrl-C twice: that the run stops, the first host in doubt, and how all ended, before the process is gone', async () => {
  const watch = { onRequest: (): void => undefined };
  await withLab(
    sixHosts(true),
    async (lab) => {
      await policy(lab);
      const book = await lab.write('playbook.yml', sixHostsPlaybook);
      const running = lab.start(['apply', '-i', lab.inventoryFile, '-p', book, '--yes'], { env: env() });
      await new Promise<void>((resolve) => {
        watch.onRequest = () => {
          if (lab.changesSent().length > 0) resolve();
        };
      });
      running.kill('SIGINT');
      await running.until(/Interrupted/);
      running.kill('SIGINT');
      expect((await running.ended).exitCode).toBe(130);
      const [run = ''] = await lab.runs();
      // What the second Ctrl-C left no time for goes out with the next command.
      expectExit(await lab.run(['watch', '--once', '-i', lab.inventoryFile], { env: env() }), 0);
      const events = told();
      expect(events.slice(0, 2)).toEqual(['run-started', 'run-stopped']);
      expect(events).toEqual(expect.arrayContaining(['in-doubt', 'run-finished']));
      expect(events).not.toContain('run-died');
      expect(new Set(endpoint.taken.map((one) => one['id'])).size).toBe(events.length);
      expect(endpoint.taken[1]).toMatchObject({ title: 'Apply is stopping: interrupted', run });
      expect(endpoint.taken.find((one) => one['event'] === 'in-doubt')).toMatchObject({
        severity: 'alarm',
        next: `fencepost status ${run}`,
      });
    },
    {
      delayMs: 20,
      onRequest: () => {
        watch.onRequest();
      },
    },
  );
});

test('mail, and the events that only a playbook asks for', async () => {
  const subjects: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, _session, done) {
      let text = '';
      stream.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      stream.on('end', () => {
        subjects.push(/^Subject: (.*)\r$/m.exec(text)?.[1] ?? '');
        done();
      });
    },
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.server.address() as AddressInfo;
  try {
    await withLab([{ name: 'ex01' }], async (lab) => {
      const mail = `{ server: 127.0.0.1, port: ${String(port)}, security: none, from: a@b.example, to: [c@d.example] }`;
      await lab.write('policy.yml', `notify:\n  on-call: { mail: ${mail}, events: [] }\n`);
      const exclusions = 'exclusions: [{ port: 9933 }]\n';
      const book = await lab.write(
        'book.yml',
        `name: One port\nhosts: exchange\n${exclusions}notify: { on-call: [run-finished], nobody: [drift] }\n`,
      );
      const plan = lab.path('tonight.plan');
      expectExit(await lab.run(['plan', '-i', lab.inventoryFile, '-p', book, '--out', plan]), 0);
      const apply = await lab.run(['apply', plan, '-i', lab.inventoryFile, '--yes']);
      expectExit(apply, 0);
      expect(apply.stderr).toContain('warning: the playbook notifies nobody, and no policy has such a channel');
      expect(subjects).toEqual(['[fencepost] Apply finished: 1 host as planned']);
    });
  } finally {
    await new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
  }
});

test('watch --test says what came back of each channel, and keeps nothing', async () => {
  await withLab([{ name: 'ex01' }], async (lab) => {
    const none = await lab.run(['watch', '--test', '-i', lab.inventoryFile]);
    expect([none.exitCode, none.stderr]).toEqual([1, expect.stringMatching(/no channel to notify/)]);
    await policy(lab, '  other:\n    webhook: { env: NOWHERE }\n  chat:\n    slack: { env: ROOM_URL }\n');
    // Locks that can't be looked at: that no run died must not be said.
    await mkdir(lab.stateDirectory, { recursive: true });
    await lab.write('state/locks', '');
    const blind = await lab.run(['watch', '--once', '-i', lab.inventoryFile, '--json'], { env: env() });
    expectExit(blind, 3);
    expect(JSON.parse(blind.stdout)).toMatchObject({ dead: [], problem: expect.stringMatching(/looked/) as string });
    endpoint.answer(204, 404);
    const tested = await lab.run(['watch', '--test', '-i', lab.inventoryFile, '--json'], { env: env() });
    expectExit(tested, 3);
    const { channels } = JSON.parse(tested.stdout) as {
      channels: readonly { channel: string; problem: string | null }[];
    };
    expect(channels.map((one) => one.channel)).toEqual(['room', 'other', 'chat']);
    expect(channels.map((one) => one.problem).toSorted()).toEqual([
      'it answered HTTP 404',
      null,
      'the password of the channel other: environment variable NOWHERE is not set',
    ]);
    expect(await waiting(lab)).toEqual([]);
    expect(tested.stdout + tested.stderr).not.toContain('S3CR3T');
  });
});

test('a policy that can not be read keeps nobody from a rollback', async () => {
  await withLab([{ name: 'ex01' }], async (lab) => {
    const before = lab.states();
    expectExit(await lab.run(['apply', '-i', lab.inventoryFile, '--yes']), 0);
    const [run = ''] = await lab.runs();
    await lab.write('policy.yml', 'notify: { room: { webhook: 7 } }\n');
    const back = await lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes']);
    expectExit(back, 0);
    expect(back.stderr).toMatch(/warning: no notifications: the policy has one fault/);
    expect(lab.changedSince(before)).toEqual([]);
  });
});

test('a watch that goes on: tells a run that dies meanwhile, takes a secret that comes later, and ends with Ctrl-C', async () => {
  const watch = { onRequest: (): void => undefined };
  await withLab(
    [{ name: 'ex01' }],
    async (lab) => {
      await lab.write('policy.yml', 'notify: { room: { webhook: { file: url }, events: [run-died] } }\n');
      const watching = lab.start(['watch', '--every', '10s', '-i', lab.inventoryFile]);
      const running = lab.start(['apply', '-i', lab.inventoryFile, '--yes']);
      await new Promise<void>((resolve) => {
        watch.onRequest = () => {
          if (lab.changesSent().length > 0) resolve();
        };
      });
      running.kill('SIGKILL');
      await running.ended;
      await watching.until(/could not be delivered to room: .*url/);
      await lab.write('url', endpoint.url);
      await endpoint.until(1);
      watching.kill('SIGINT');
      const { exitCode, stdout } = await watching.ended;
      expect([exitCode, stdout]).toEqual([130, '']);
      expect(told()).toEqual(['run-died']);
      expect(await waiting(lab)).toEqual([]);
    },
    {
      delayMs: 20,
      onRequest: () => {
        watch.onRequest();
      },
    },
  );
});
