// What `runs` prints: the list, one run's story, and the proof of its journal.
import { replayRun } from '../journal/replay.ts';
import { Failure } from '../model/failure.ts';
import type { RunHistory } from '../model/history.ts';
import { renderEvent, renderRuns, renderVerdicts } from '../report/run-text.ts';
import { counted } from '../report/table.ts';
import type { World } from './compose.ts';
import { exitCodes } from './exit-codes.ts';
import { jsonDocument } from './json.ts';

export async function listRuns(json: boolean, world: World): Promise<number> {
  const runs = [];
  for (const run of await world.store.listRuns()) {
    const text = await world.store.readRun(run);
    const damage = text.damage === null ? null : `damaged in line ${text.damage.line}: ${text.damage.problem}`;
    runs.push({
      run,
      ...historyOf(
        run,
        text.records.map((one) => one.event),
        damage,
      ),
    });
  }
  const summary = runs.map(({ run, history, problem }) => ({
    run,
    problem,
    kind: history?.begun.kind ?? null,
    of: history?.begun.of ?? null,
    begunAt: history?.begun.at ?? null,
    operator: history?.begun.operator ?? null,
    ended: (history?.ended ?? null) !== null,
    counts: history?.ended?.counts ?? null,
  }));
  world.out(json ? jsonDocument('runs', { runs: summary }) : renderRuns(runs));
  return exitCodes.done;
}

export async function showRun(run: string | null, json: boolean, world: World): Promise<number> {
  const { name, text } = await readRun(run, world);
  const events = text.records.map((one) => one.event);
  const { history } = historyOf(name, events, null);
  if (json) {
    world.out(
      jsonDocument('run-history', {
        run: name,
        damage: text.damage,
        tornTail: text.tornTail !== null,
        history,
        events,
      }),
    );
  } else {
    world.out(events.map((event) => renderEvent(event) ?? '').join(''));
    if (history !== null) world.out(`\n${storyEnd(history)}`);
    if (text.tornTail !== null) {
      world.out('The last record was cut short when the process died; nothing rests on it.\n');
    }
  }
  if (text.damage === null) return exitCodes.done;
  world.say(`The journal is damaged in line ${text.damage.line}: ${text.damage.problem}. What follows is not shown.\n`);
  return exitCodes.someFailed;
}

export async function verifyRun(run: string | null, json: boolean, world: World): Promise<number> {
  const { name, text } = await readRun(run, world);
  const holds = text.damage === null;
  const records = text.records.length;
  if (json) {
    world.out(
      jsonDocument('run-proof', { run: name, holds, records, damage: text.damage, tornTail: text.tornTail !== null }),
    );
  } else if (text.damage === null) {
    world.out(`The chain holds: ${counted(records, 'record')}, last digest ${text.records.at(-1)?.digest ?? 'none'}\n`);
    if (text.tornTail !== null) world.out('After them a record was cut short when the process died.\n');
  } else {
    world.out(`The chain is broken in line ${text.damage.line}: ${text.damage.problem}\n`);
  }
  return holds ? exitCodes.done : exitCodes.someFailed;
}

function historyOf(
  run: string,
  events: Parameters<typeof replayRun>[1],
  problem: string | null,
): { history: RunHistory | null; problem: string | null } {
  try {
    return { history: replayRun(run, events), problem };
  } catch (thrown) {
    return { history: null, problem: problem ?? (thrown instanceof Failure ? thrown.message : String(thrown)) };
  }
}

async function readRun(run: string | null, world: World) {
  if (run === null) {
    throw new Failure('usage/invalid', 'which run? its name is missing', { hint: 'fencepost runs lists them' });
  }
  return { name: run, text: await world.store.readRun(run) };
}

function storyEnd(history: RunHistory): string {
  const verdicts = renderVerdicts(history.verdicts, history.begun.kind);
  const { run } = history.begun;
  if (history.ended !== null) return verdicts;
  const open = history.hosts.filter((one) => one.verdict === null).map((one) => one.host);
  const what = open.length === 0 ? '' : ` while ${open.join(', ')} ${open.length === 1 ? 'was' : 'were'} in change`;
  return `${verdicts}The run has not ended${what}. If its process is gone: fencepost rollback ${run} asks these hosts first.\n`;
}
