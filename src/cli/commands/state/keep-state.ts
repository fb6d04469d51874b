// What `state` does: prepares a database, says how one stands, copies runs between a directory and the database. Nothing of it reaches a host.
import type { DatabaseStanding } from '../../../journal/postgres/prepare.ts';
import type { TeamRole } from '../../../journal/postgres/roles.ts';
import { Failure } from '../../../model/failure.ts';
import { counted } from '../../../model/text/counted.ts';
import { findRun } from '../../../workflows/find-run.ts';
import { copyRun } from '../../../workflows/state/copy-run.ts';
import type { World } from '../../compose.ts';
import { exitCodes } from '../../exit-codes.ts';
import { defaultStateDirectory } from '../../io/state-directory.ts';
import { jsonDocument } from '../../json.ts';
import { createFileState } from '../../state/file-state.ts';
import type { NamedState } from '../../state/name-state.ts';
import { openDatabase } from '../../state/open-state.ts';

/** Returns the exit code. Throws Failure `usage/invalid` without a database, `state/unavailable`, `state/other-version`. */
export async function initState(
  named: NamedState,
  roles: readonly TeamRole[],
  json: boolean,
  world: World,
): Promise<number> {
  const { prepareDatabase } = await import('../../../journal/postgres/prepare.ts');
  return withDatabase(named, world, async (database, stand) => {
    const { from, to } = await prepareDatabase(database, roles);
    const standing = await stand();
    if (json) world.out(jsonDocument('state', { ...standing, before: from === 0 ? null : from }));
    else if (from === to)
      world.out(`${standing.place} is prepared already (version ${String(to)}).\n${describeRoles(standing)}`);
    else {
      const what = from === 0 ? 'is prepared' : `was brought up from version ${String(from)}`;
      world.out(`${standing.place} ${what} (version ${String(to)}).\n${describe(standing)}`);
    }
    return exitCodes.done;
  });
}

/** The same; a database that runs can't be kept in exits with `nothingDone`. */
export async function checkState(named: NamedState, json: boolean, world: World): Promise<number> {
  const { protocol } = await import('../../../journal/postgres/sql/migrations.ts');
  return withDatabase(named, world, async (_, stand) => {
    const standing = await stand();
    if (json) world.out(jsonDocument('state', { ...standing, before: standing.protocol }));
    else world.out(describe(standing));
    if (standing.protocol === protocol) return exitCodes.done;
    world.say(
      standing.protocol === null || standing.protocol < protocol
        ? 'It can not be used as it is. Next: fencepost state init\n'
        : 'It can not be used by this Fencepost: use the one of those who work with it.\n',
    );
    return exitCodes.nothingDone;
  });
}

export interface CopyRequest {
  readonly action: 'export' | 'import';
  readonly run: string;
  /** Undefined: where runs are by default. */
  readonly directory: string | undefined;
  readonly json: boolean;
}

/** The same. Throws what copyRun throws. */
export async function copyState(request: CopyRequest, named: NamedState, world: World): Promise<number> {
  requireDatabase(named);
  const files = createFileState(request.directory ?? defaultStateDirectory());
  const [from, to] = request.action === 'export' ? [world.state, files] : [files, world.state];
  await from.checkExists();
  await to.checkWritable();
  const run = await findRun(request.run, from.runs);
  const { records, lastDigest } = await copyRun(run, from, to, world);
  const about = { run, from: from.place, to: to.place, records, lastDigest };
  if (request.json) world.out(jsonDocument('state-copy', about));
  else {
    world.out(`Run ${run} is in ${to.place}: ${counted(records, 'record')}, last digest ${lastDigest}\n`);
    world.say(
      `It is still in ${from.place} too. Go on with it in one place only: the two do not know of each other.\n`,
    );
  }
  return exitCodes.done;
}

/** Throws Failure `usage/invalid` where none is named. */
export async function withDatabase(
  named: NamedState,
  world: World,
  work: (database: Awaited<ReturnType<typeof openDatabase>>, stand: () => Promise<DatabaseStanding>) => Promise<number>,
): Promise<number> {
  const { standDatabase } = await import('../../../journal/postgres/prepare.ts');
  // What is to be warned of was said when the command's own state was opened.
  const database = await openDatabase(
    { ...requireDatabase(named), warnings: [] },
    (text) => {
      world.say(`warning: ${text}\n`);
    },
    world.readSecret,
  );
  try {
    return await work(database, () => standDatabase(database));
  } finally {
    await database.close();
  }
}

/** Throws Failure `usage/invalid`. */
function requireDatabase(named: NamedState): Extract<NamedState, { kind: 'database' }> {
  if (named.kind === 'database') return named;
  throw new Failure('usage/invalid', 'no database is named', {
    hint: 'fencepost state check --state postgres://USER@HOST/DATABASE, or set FENCEPOST_STATE; a directory needs no preparing',
  });
}

function describeRoles({ roles }: Pick<DatabaseStanding, 'roles'>): string {
  return roles.map(({ name, kind }) => `${kind.padEnd(9)} ${name}\n`).join('');
}

function describe({ roles, ...standing }: DatabaseStanding): string {
  const { place, protocol, leaseMs, server, tls, runs, records, waiting, approvals, replicas } = standing;
  const rules =
    protocol === null
      ? 'nothing of Fencepost is in it'
      : `version ${String(protocol)}; a lease lasts ${String((leaseMs ?? 0) / 1000)} s; ${counted(runs, 'run')}, ${counted(records, 'record')}`;
  const lines = [
    `database  ${place}`,
    `server    PostgreSQL ${server}, ${tls ? 'over TLS' : 'not encrypted'}`,
    `state     ${rules}`,
    ...(waiting === 0
      ? []
      : [`outbox    ${counted(waiting, 'notification')} ${waiting === 1 ? 'waits' : 'wait'} to be delivered`]),
    ...(approvals === 0 ? [] : [`approvals ${String(approvals)}`]),
    ...(replicas === null ? [] : [`replicas  ${replicas}`]),
  ];
  return `${lines.join('\n')}\n${describeRoles({ roles })}`;
}
