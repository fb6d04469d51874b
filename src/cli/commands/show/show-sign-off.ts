// I/O: what `show` does: reads a saved plan, proves it as apply would, and writes what it is signed off for.
import { extname, resolve } from 'node:path';
import { Failure } from '../../../model/failure.ts';
import { visibleText } from '../../../model/text/visible-text.ts';
import { noPaint, type Paint } from '../../../report/text/colour.ts';
import { renderSignOffPage } from '../../../report/sign-off/sign-off-page.ts';
import { renderSignOff } from '../../../report/sign-off/sign-off-text.ts';
import { viewSignOff, type SignOff } from '../../../report/sign-off/sign-off-view.ts';
import { readPaces } from '../../../workflows/forecast/read-paces.ts';
import { readPlan } from '../../../workflows/read-plan.ts';
import type { World } from '../../compose.ts';
import { exitCodes } from '../../exit-codes.ts';
import { paintFor } from '../../io/colours.ts';
import { replaceFile } from '../../io/replace-file.ts';
import { readPlanParts } from '../../io/text-parts.ts';
import { jsonDocumentByItem, jsonTexts } from '../../json.ts';
import { toolVersion } from '../../version.ts';
import type { ShowFormat } from './show-format.ts';

export interface ShowArguments {
  readonly plan: string;
  readonly format: ShowFormat | undefined;
  readonly out: string | undefined;
  readonly json: boolean;
}

/** Returns the exit code. Throws Failure `plan/unreadable`, `plan/damaged`. */
export async function showSignOff(args: ShowArguments, world: World): Promise<number> {
  const { plan: file, out } = args;
  if (out !== undefined && resolve(out) === resolve(file)) {
    throw new Failure('usage/invalid', '--out names the plan that is shown', {
      where: out,
      hint: 'name another file; nothing was written',
    });
  }
  const format = chooseFormat(args);
  const { plan, digest } = await readPlan(readPlanParts(file), file, toolVersion);
  const view = viewSignOff(plan, digest, await readPaces(world.store));
  if (out === undefined) await world.outParts(writeSignOff(view, format, paintFor(process.stdout)));
  else {
    await replaceFile(out, [...writeSignOff(view, format, noPaint)].map(visibleText));
    world.say(`Plan ${view.shortDigest} written to ${out}\n`);
  }
  return exitCodes.done;
}

function writeSignOff(view: SignOff, format: ShowFormat, paint: Paint): Iterable<string> {
  switch (format) {
    case 'text':
      return [renderSignOff(view, paint)];
    case 'html':
      return [renderSignOffPage(view)];
    case 'json': {
      const { hosts, ...about } = view;
      return jsonDocumentByItem('sign-off', about, 'hosts', jsonTexts(hosts));
    }
  }
}

const byExtension: Readonly<Record<string, ShowFormat>> = { '.html': 'html', '.htm': 'html', '.json': 'json' };

function chooseFormat({ format, out, json }: ShowArguments): ShowFormat {
  if (json && format !== undefined && format !== 'json') {
    throw new Failure('usage/invalid', `--json and --format ${format} contradict each other`, {
      hint: 'name one of them',
    });
  }
  return json ? 'json' : (format ?? byExtension[extname(out ?? '').toLowerCase()] ?? 'text');
}
