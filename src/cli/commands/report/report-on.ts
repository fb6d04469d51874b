// I/O: what `report` does: reads the subject, writes the report to its file or to stdout.
import { resolve } from 'node:path';
import { Failure } from '../../../model/failure.ts';
import { counted } from '../../../model/text/counted.ts';
import { createTraceExport } from '../../../report/telemetry/otlp-json.ts';
import { findRun } from '../../../workflows/find-run.ts';
import type { FleetView } from '../../../report/view/fleet-view.ts';
import type { World } from '../../compose.ts';
import { exitCodes } from '../../exit-codes.ts';
import { addDrift } from '../../history/drift-of-view.ts';
import { buildReportContext, loadReportTargets } from '../../report-context.ts';
import { createReadingProgress } from './reading-progress.ts';
import type { ReportFormat } from './report-format.ts';
import { chooseFormat, writeReport } from './report-formats.ts';
import { loadView, readEvents } from '../../report-source.ts';
import { toolVersion } from '../../version.ts';
import { linkFor } from '../../io/colours.ts';
import { listVaultFlags, refuseIdle } from '../../flags/refuse-idle.ts';
import { replaceFile } from '../../io/replace-file.ts';
import type { VaultArguments } from '../../options.ts';

export interface ReportArguments extends VaultArguments {
  readonly subject: string;
  readonly format: ReportFormat | undefined;
  readonly out: string | undefined;
  readonly inventory: readonly string[] | undefined;
  readonly playbook: string | undefined;
  readonly json: boolean;
}

/** Returns the exit code. */
export async function reportOn(args: ReportArguments, world: World): Promise<number> {
  const { subject, out } = args;
  if (out !== undefined && resolve(out) === resolve(subject)) {
    throw new Failure('usage/invalid', '--out names the file that is reported on', {
      where: out,
      hint: 'name another file; nothing was written',
    });
  }
  const format = resolveFormat(args);
  const isInventoryNamed = args.inventory !== undefined;
  if (!isInventoryNamed) refuseIdle(listVaultFlags(args), 'without -i: no inventory is read', 'name it: -i INVENTORY');
  if (format === 'otlp') {
    const idle = { '--inventory': isInventoryNamed, '--playbook': args.playbook !== undefined };
    refuseIdle(idle, 'on a trace, which the journal of the run has whole', 'leave it out');
  }
  if (format === 'otlp') return exportTrace(args, world);
  const targets = await loadReportTargets(args.inventory, world.vault);
  const context = buildReportContext(targets);
  const progress = createReadingProgress(world.listener, world.clock);
  let view: FleetView;
  let text: Iterable<string>;
  try {
    view = await addDrift(
      await loadView({ subject, playbook: args.playbook ?? null, targets }, world.store, context, progress),
      world,
    );
    text = writeReport(view, format);
  } finally {
    progress.finish();
  }
  if (out === undefined) await world.outParts(text);
  else {
    await replaceFile(out, text);
    world.say(`Report on ${counted(view.hosts.length, 'host')} written to ${linkTo(out)}\n`);
  }
  return exitCodes.done;
}

function linkTo(file: string): string {
  return linkFor(process.stderr)(file, resolve(file));
}

/** What is damaged in the journal ends the trace; `report` without a format says so. */
async function exportTrace({ subject, out }: ReportArguments, world: World): Promise<number> {
  const run = await findRun(subject, world.store);
  const trace = createTraceExport(run, toolVersion);
  const progress = createReadingProgress(world.listener, world.clock);
  await readEvents(run, world.store, (event) => {
    progress.event(event);
    trace.event(event);
  }).finally(() => {
    progress.finish();
  });
  const text = trace.finish();
  if (out === undefined) world.out(text);
  else {
    await replaceFile(out, [text]);
    world.say(`Trace of run ${run} written to ${linkTo(out)}\n`);
  }
  return exitCodes.done;
}

/** --json is what every command has; beside another format it contradicts itself. */
function resolveFormat({ json, format, out }: ReportArguments): ReportFormat {
  if (json && format !== undefined && format !== 'json') {
    throw new Failure('usage/invalid', `--json and --format ${format} contradict each other`, {
      hint: 'name one of them',
    });
  }
  return json ? 'json' : chooseFormat(format, out);
}
