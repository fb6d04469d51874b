// The outbox in PostgreSQL holds the contract of every outbox (test/journal/outbox/outbox-contract.ts), and what a team needs of it: a run that died
// is told once by watchers on two machines, any machine sends what another could not, no address or secret is in a row, and a database
// that is away or slow keeps no command from its work.
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readAddress } from '../../../src/journal/postgres/address.ts';
import { createDatabase, type Database } from '../../../src/journal/postgres/database.ts';
import { createDatabaseOutbox } from '../../../src/journal/postgres/outbox.ts';
import { prepareDatabase } from '../../../src/journal/postgres/prepare.ts';
import { outboxLimits, type Outbox } from '../../../src/journal/outbox/outbox.ts';
import { describeOutbox, letter } from '../../journal/outbox/outbox-contract.ts';
import { failureOf } from '../../support/failure-of.ts';
import { expectExit } from '../../support/expect-exit.ts';
import { openEndpoint, type HttpEndpoint } from '../../support/http-endpoint.ts';
import { withLab, type TestLab } from '../../support/lab.ts';
import { usePostgres } from '../support/use-postgres.ts';

const { suite, postgres, isMissing } = await usePostgres();
let address = '';
let databases: Database[] = [];

function databaseAt(where: string): Database {
  const database = createDatabase(readAddress(where), {
    readFile: () => Promise.reject(new Error('no file is read here')),
    elapsedMs: () => performance.now(),
    warn: () => undefined,
  });
  databases.push(database);
  return database;
}

const open = (patienceMs?: number): Outbox => createDatabaseOutbox(databaseAt(address), patienceMs);
const expire = `UPDATE fencepost.letter SET taken_until = clock_timestamp() - interval '1 ms' WHERE taken_until IS NOT NULL`;

beforeEach(async () => {
  if (isMissing) return;
  address = await postgres.createDatabase();
  await prepareDatabase(databaseAt(address));
});
afterEach(async () => {
  await Promise.all(databases.map((one) => one.close()));
  databases = [];
});

suite('the outbox in a database', () => {
  let passed = 0;
  beforeEach(() => {
    passed = 0;
  });
  describeOutbox({
    open: () => Promise.resolve(open()),
    openMortal: () =>
      Promise.resolve({ outbox: open(), bury: () => postgres.query(address, expire).then(() => undefined) }),
    async pass(ms) {
      const more = ms - passed;
      passed = ms;
      await postgres.query(
        address,
        `UPDATE fencepost.letter SET written_at = written_at - $1 * interval '1 ms', taken_until = taken_until - $1 * interval '1 ms',
           settled_at = settled_at - $1 * interval '1 ms'`,
        [more],
      );
      // A clock that is wrong: only the database's counts.
      return '1999-01-01T00:00:00.000Z';
    },
    async damage(id, change) {
      const [row] = await postgres.query<{ body: string }>(address, 'SELECT body FROM fencepost.letter WHERE id = $1', [
        id,
      ]);
      await postgres.query(address, 'UPDATE fencepost.letter SET body = $2 WHERE id = $1', [
        id,
        change(row?.body ?? ''),
      ]);
    },
  });

  test('keeps no more than a thousand letters, the newest, and none that is being sent is given up', async () => {
    const outbox = open();
    for (const index of [0, 1, 2]) await outbox.add(letter(index));
    await open().take(letter(0));
    await postgres.query(
      address,
      `INSERT INTO fencepost.letter (id, channel, body) SELECT 'x' || n, 'room', 'x' FROM generate_series(1, $1::int) n`,
      [outboxLimits.letters - 1],
    );
    expect(await outbox.clean('')).toEqual([letter(1)]);
  });

  test('whoever may only look adds nothing, sends nothing of others, and does not tell again what is known', async () => {
    await postgres.query(address, 'DROP ROLE IF EXISTS looks; CREATE ROLE looks LOGIN');
    await prepareDatabase(databaseAt(address), [{ name: 'looks', kind: 'auditors' }]);
    await open().add(letter(1));
    const looking = createDatabaseOutbox(databaseAt(address.replace('fence@', 'looks@')));
    expect(await looking.add(letter(1))).toBe('known');
    expect((await failureOf(looking.add(letter(2)))).message).toContain('permission denied');
    expect((await looking.pending()).letters).toEqual([]);
    expect((await failureOf(looking.acknowledge(letter(1)))).message).toContain('permission denied');
    expect((await open().pending()).letters).toEqual([letter(1)]);
  });

  test('of a sent letter only the mark is kept', async () => {
    const outbox = open();
    await outbox.add(letter(1));
    await outbox.acknowledge(letter(1));
    expect(await postgres.query(address, 'SELECT state, body, taker FROM fencepost.letter')).toEqual([
      { state: 'sent', body: null, taker: null },
    ]);
  });

  test('one whose time to send is over does not keep the next from it, and still marks what it sent', async () => {
    const [slow, next] = [open(), open()];
    await slow.add(letter(1));
    expect(await slow.take(letter(1))).toBe('taken');
    await postgres.query(address, expire);
    expect(await next.take(letter(1))).toBe('taken');
    expect(await slow.take(letter(1))).toBe('busy');
    await slow.giveBack('room');
    expect(await open().take(letter(1))).toBe('busy');
    await slow.acknowledge(letter(1));
    expect(await next.take(letter(1))).toBe('gone');
  });
});

suite('a database that answers nothing', () => {
  test('is given up after a moment, and no question is piled up on it', async () => {
    const sockets = new Set<Socket>();
    const silent: Server = createServer((socket) => sockets.add(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const outbox = createDatabaseOutbox(
      databaseAt(`postgres://fence@127.0.0.1:${String(port)}/x?sslmode=disable`),
      200,
    );
    const calls = [outbox.add(letter(1)), outbox.pending(), outbox.take(letter(1)), outbox.acknowledge(letter(1))];
    for (const failure of await Promise.all(calls.map((one) => failureOf(one)))) {
      expect(failure).toMatchObject({ code: 'state/unavailable', message: expect.stringContaining('0.2 s') as string });
    }
    for (let index = 0; index < 20; index += 1) await failureOf(outbox.add(letter(index)));
    expect(sockets.size).toBe(1);
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
});

/** A machine of the team: all that it shares with the others is the database. */
const machine = (lab: TestLab, state: string, endpoint: HttpEndpoint, name: string) => ({
  env: { FENCEPOST_STATE: state, FENCEPOST_STATE_DIR: lab.path(name), ROOM_URL: endpoint.url, ROOM_TOKEN: 'hunter2' },
  fresh: true,
});

suite('two machines with one database', () => {
  let endpoint: HttpEndpoint;
  beforeEach(async () => {
    endpoint = await openEndpoint(204);
  });
  afterEach(() => endpoint.close());
  const told = () => endpoint.taken.map((one) => String(one['event']));

  test('a run that died is told once, however many watch; what one could not send another sends, once and in order', async () => {
    const watch = { onRequest: (): void => undefined };
    await withLab(
      [{ name: 'ex01' }, { name: 'ex02' }],
      async (lab) => {
        await lab.write(
          'policy.yml',
          'notify:\n  room: { webhook: { env: ROOM_URL }, token: { env: ROOM_TOKEN }, events: [run-started, run-died, drift] }\n',
        );
        const [one, two] = [machine(lab, address, endpoint, 'one'), machine(lab, address, endpoint, 'two')];
        // The receiver is away while the run lives.
        endpoint.answer('hang');
        const running = lab.start(['apply', '-i', lab.inventoryFile, '--yes'], { env: one.env });
        await new Promise<void>((resolve) => {
          watch.onRequest = () => {
            if (lab.changesSent().length > 0) resolve();
          };
        });
        await endpoint.until(1);
        running.kill('SIGKILL');
        await running.ended;
        const rows = await postgres.query(address, 'SELECT * FROM fencepost.letter');
        expect(rows).toMatchObject([{ channel: 'room', state: 'waiting' }]);
        for (const secret of ['hunter2', endpoint.url, lab.password])
          expect(JSON.stringify(rows)).not.toContain(secret);
        // What the dead one had taken is free once its time is over.
        expect((rows[0] as { taker: string | null }).taker).not.toBeNull();
        const early = await lab.run(['watch', '--once', '-i', lab.inventoryFile, '--json'], two);
        expect([early.exitCode, JSON.parse(early.stdout)]).toMatchObject([
          3,
          { channels: [{ channel: 'room', sent: 0, left: 2, problem: expect.stringContaining('another') as string }] },
        ]);
        endpoint.answer(204);
        await postgres.query(address, expire);

        const once = ['watch', '--once', '-i', lab.inventoryFile];
        const both = await Promise.all([lab.run(once, one), lab.run(once, two)]);
        for (const each of both) {
          expectExit(each, 0);
          expect(each.stdout).toContain('is not finished');
        }
        expect(told()).toEqual(['run-started', 'run-died']);
        for (const each of [one, two]) expectExit(await lab.run(once, each), 0);
        expect(told()).toEqual(['run-started', 'run-died']);
        expect(new Set(endpoint.taken.map((each) => each['id'])).size).toBe(2);
      },
      {
        delayMs: 5,
        onRequest: () => {
          watch.onRequest();
        },
      },
    );
  });

  test('a database that is away: what happens is told all the same, said once, and a verdict is what it is', async () => {
    await withLab([{ name: 'ex01' }], async (lab) => {
      await lab.write('policy.yml', 'notify:\n  room: { webhook: { env: ROOM_URL } }\n');
      const one = machine(lab, 'postgres://fence@127.0.0.1:1/fleet?sslmode=disable', endpoint, 'one');
      const verify = await lab.run(['verify', '-i', lab.inventoryFile], one);
      expectExit(verify, 2);
      expect(told()).toEqual(['drift']);
      expect(verify.stderr.match(/not kept now, only sent/g)).toHaveLength(1);
    });
  });
});
