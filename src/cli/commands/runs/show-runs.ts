// What `runs` prints: the list, and one run's story (first the screen of `status`). Journals are gone through event by event, and nothing
// is written anywhere: it works on a full disk.
import type { JournalEnd } from '../../../journal/chain.ts';
import { createOutline } from '../../../journal/outline.ts';
import { createReplay, withoutBeginning } from '../../../journal/replay.ts';
import { asFailure, Failure } from '../../../model/failure.ts';
import { savedEvent } from '../../../journal/saved-event.ts';
import type { RunOutline } from '../../../model/history.ts';
import type { RunStatus } from '../../../model/run-status.ts';
import { createSharing } from '../../../plan/share-alike.ts';
import { renderEvent, renderRuns, renderVerdicts, type ListedRun } from '../../../report/text/run-text.ts';
import { renderRunStatus } from '../../../report/text/status-text.ts';
import type { World } from '../../compose.ts';
import { exitCodes } from '../../exit-codes.ts';
import { listRollbacks } from '../../../workflows/earlier-rollbacks.ts';
import { readRunStatus, withRunners } from '../../../workflows/run-status.ts';
import { inventoryFlags } from '../../../workflows/inventory-flags.ts';
import { linkFor } from '../../io/colours.ts';
import { findColumns } from '../../io/terminal.ts';
import { jsonByItem, jsonDocument, openJsonDocument } from '../../json.ts';

/** Every journal is proven to its end, for a list must not pass over one that was altered; of its events only the outline is read. */
export async function listRuns(json: boolean, world: World): Promise<number> {
  await world.state.checkExists();
  const read: Omit<ListedRun, 'rolledBackBy'>[] = [];
  for (const run of await world.store.listRuns()) {
    const { outline, end } = await world.store.outlineRun(run);
    read.push({ run, outline, problem: describeDamage(run, outline, end) });
  }
  const outlines = read.flatMap(({ outline }) => (outline === null ? [] : [outline]));
  const runs = read.map((one): ListedRun => ({ ...one, rolledBackBy: listRollbacks(one.run, outlines) }));
  const summary = runs.map(({ run, outline, problem, rolledBackBy }) => ({
    run,
    problem,
    kind: outline?.started.kind ?? null,
    of: outline?.started.of ?? null,
    rolledBackBy,
    startedAt: outline?.started.at ?? null,
    operator: outline?.started.operator ?? null,
    finished: (outline?.finished ?? null) !== null,
    counts: outline?.finished?.counts ?? null,
  }));
  const link = linkFor(process.stdout);
  const linkRun = (run: string): string => {
    const folder = world.state.locateRun(run);
    return folder === null ? run : link(run, folder);
  };
  world.out(json ? jsonDocument('runs', { runs: summary }) : renderRuns(runs, findColumns(process.stdout), linkRun));
  return exitCodes.done;
}

function describeDamage(run: string, outline: RunOutline | null, { damage }: JournalEnd): string | null {
  if (damage !== null) return `damaged in line ${damage.line}: ${damage.problem}`;
  return outline === null ? withoutBeginning(run).message : null;
}

export async function showRun(run: string | null, json: boolean, world: World): Promise<number> {
  const name = requireRunName(run);
  const end = await (json ? showRunAsJson : showRunAsText)(name, world);
  if (end.damage === null) return exitCodes.done;
  world.say(`The journal is damaged in line ${end.damage.line}: ${end.damage.problem}. What follows is not shown.\n`);
  return exitCodes.someFailed;
}

/** So many characters are written at once. */
const partLength = 65_536;

interface PartWriter {
  readonly add: (text: string) => void;
  /** For `readRun`: writes what has come together, and waits while its reader is slower. */
  readonly rest: () => Promise<void>;
  /** Writes what is left. */
  readonly end: () => Promise<void>;
}

function createPartWriter(world: World): PartWriter {
  let part = '';
  const write = async (): Promise<void> => {
    const text = part;
    part = '';
    await world.outParts([text]);
  };
  return {
    add(text) {
      part += text;
    },
    rest: () => (part.length < partLength ? Promise.resolve() : write()),
    end: write,
  };
}

async function showRunAsText(run: string, world: World): Promise<JournalEnd> {
  const status = await readStatusIfAny(run, world);
  if (status !== null) world.out(`${renderRunStatus(status)}\nStep by step:\n`);
  const standing = createOutline();
  const writer = createPartWriter(world);
  const end = await world.store.readRun(
    run,
    (event) => {
      standing.event(event);
      writer.add(renderEvent(event) ?? '');
    },
    writer.rest,
  );
  const outline = standing.outline();
  const torn = end.tornTail ? 'The last record was cut short when the process died; it is not used.\n' : '';
  writer.add(`${outline === null ? '' : `\n${storyEnd(outline)}`}${torn}`);
  await writer.end();
  return end;
}

/** The same as `status` shows; null: there is none of a run without a first record. */
async function readStatusIfAny(run: string, world: World): Promise<RunStatus | null> {
  try {
    const status = await readRunStatus(run, world.store);
    return withRunners(status, await world.state.listLocks(run, Date.parse(world.clock.now())));
  } catch (thrown) {
    if (asFailure(thrown).code === 'journal/damaged') return null;
    throw thrown;
  }
}

/** One pass: the events go out as they are read, then what they came to. */
async function showRunAsJson(run: string, world: World): Promise<JournalEnd> {
  const status = await readStatusIfAny(run, world);
  const sharing = createSharing();
  const replay = createReplay();
  let separator = openJsonDocument('run-history', { run }, 'events');
  const writer = createPartWriter(world);
  const end = await world.store.readRun(
    run,
    (event) => {
      replay.event(sharing.event(event));
      writer.add(`${separator}${JSON.stringify(savedEvent(event))}`);
      separator = ',\n';
    },
    writer.rest,
  );
  const about = `"damage":${JSON.stringify(end.damage)},"tornTail":${String(end.tornTail)},"status":${JSON.stringify(status)}`;
  writer.add(`${end.records === 0 ? separator : ''}\n],\n${about},"history":`);
  await writer.end();
  const history = replay.history();
  if (history === null) world.out('null');
  else await world.outParts(jsonByItem(history, 'hosts'));
  world.out('}\n');
  return end;
}

/** Throws Failure `usage/invalid`. */
export function requireRunName(run: string | null): string {
  if (run !== null) return run;
  throw new Failure('usage/invalid', 'the name of the run is missing', { hint: 'fencepost runs lists them' });
}

function storyEnd({ started, verdicts, finished, inChange }: RunOutline): string {
  const told = renderVerdicts(verdicts, started.kind);
  if (finished !== null) return told;
  const what =
    inChange.length === 0
      ? ''
      : ` while ${inChange.join(', ')} ${inChange.length === 1 ? 'was' : 'were'} being changed`;
  return `${told}The run has not finished${what}. If its process is gone: fencepost rollback ${started.run}${inventoryFlags(started.inventory.files)} checks these hosts first.\n`;
}
