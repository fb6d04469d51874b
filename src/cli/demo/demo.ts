// The demo: a lab in this process, and the main job through the same command line a user types, each command a process of its own.
// Every command's exit code is compared with what it should be, and at the end every server with what it was at the beginning. The report
// of its first run is all that it leaves on this machine.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runCommandLine } from '../../lab/cmd/console.ts';
import { captureState } from '../../lab/machine/machine.ts';
import { exitCodes } from '../exit-codes.ts';
import { results, talk } from '../io/standard-streams.ts';
import { jsonDocument } from '../json.ts';
import { defaultPlaybook } from '../options.ts';
import { findOwnCommand, readShippedFile } from '../shipped-files.ts';
import { loadScenario, startLab, type Lab } from '../commands/lab/lab-files.ts';

export interface DemoOptions {
  readonly keep: boolean;
  readonly json: boolean;
}

interface Ran {
  readonly command: string;
  readonly exitCode: number;
  readonly expected: number;
}

/** Returns 0 when everything went as it should, else 3. */
export async function runDemo({ keep, json }: DemoOptions): Promise<number> {
  const say = (text: string): void => {
    (json ? talk : results).relay(text);
  };
  const folder = await mkdtemp(join(tmpdir(), 'fencepost-demo-'));
  // Where the commands look for it, for they run in this folder.
  await mkdir(join(folder, dirname(defaultPlaybook)));
  await writeFile(join(folder, defaultPlaybook), readShippedFile('playbooks/exchange-backend-ports.yml'));
  const lab = await startLab({
    scenario: await loadScenario(null),
    keytabFile: null,
    folder,
    firstPort: 0,
    delayMs: 0,
    onRequest: () => undefined,
  });
  const report = join(folder, 'report.html');
  const before = readState(lab);
  const ran: Ran[] = [];
  const fencepost = async (expected: number, ...args: readonly string[]): Promise<void> => {
    const shown = args.map((arg) => (arg.startsWith(folder) ? `$LAB/${arg.slice(folder.length + 1)}` : arg)).join(' ');
    say(`\n$ fencepost ${shown}\n`);
    const exitCode = await runCli(args, folder, say);
    say(`[exit code ${exitCode}]\n`);
    ran.push({ command: shown, exitCode, expected });
  };

  try {
    say(`Twelve simulated Exchange servers answer WinRM on loopback. Their files are in LAB=${folder}\n`);
    const inventory = ['-i', lab.inventoryFile];
    const plan = join(folder, 'tonight.plan');

    heading(say, 'Collect: what is there?');
    await fencepost(exitCodes.someFailed, 'collect', ...inventory);

    heading(say, 'Dry run: what would be done? The plan is saved, to be applied exactly as it was signed off.');
    await fencepost(exitCodes.someFailed, 'plan', ...inventory, '--out', plan);

    heading(say, 'Apply the saved plan.');
    await fencepost(exitCodes.someFailed, 'apply', plan, ...inventory, '--yes');
    heading(say, 'A plan is applied once.');
    await fencepost(exitCodes.nothingDone, 'apply', plan, ...inventory, '--yes');

    heading(say, 'Verify, as CI does every night. Blocked and unreachable servers are not "as desired".');
    await fencepost(exitCodes.someFailed, 'verify', ...inventory);

    heading(say, 'Drift: a reservation on ex03 is deleted by hand. Verify finds it, apply restores it.');
    const deletion = 'netsh interface ipv4 delete excludedportrange protocol=tcp startport=9933 numberofports=1';
    say(`ex03> ${deletion}\n`);
    runCommandLine(lab.fleet.server('ex03').machine, deletion, { codePage: 65001, elevated: true });
    await fencepost(exitCodes.changesPending, 'verify', ...inventory, '--limit', 'ex03');
    await fencepost(exitCodes.done, 'apply', ...inventory, '--limit', 'ex03', '--yes');

    heading(say, 'Roll back, from the journal; the inventory gives the password.');
    await fencepost(exitCodes.done, 'runs');
    const [first] = await runsIn(folder);
    await fencepost(exitCodes.done, 'rollback', first ?? 'RUN', ...inventory, '--yes');

    heading(say, 'The report of the run, one page for the change ticket.');
    await fencepost(exitCodes.done, 'report', first ?? 'RUN', '--out', report);
  } finally {
    await lab.fleet.close();
  }

  const changed = [...readState(lab)].filter(([name, state]) => before.get(name) !== state).map(([name]) => name);
  const wrong = ran.filter((one) => one.exitCode !== one.expected);
  const good = wrong.length === 0 && changed.length === 0;
  if (keep) say(`\nKept: ${folder}\n`);
  else await clearFolder(folder, good ? report : null);
  for (const one of wrong)
    say(`\nUNEXPECTED: fencepost ${one.command} ended with ${one.exitCode}, not ${one.expected}\n`);
  if (changed.length > 0) say(`\nNOT AS FOUND: ${changed.join(', ')}\n`);
  if (good) {
    say('\nAll 12 servers are exactly as they were found.\n');
    say(`\nThe report of the run, for your browser: ${report}\nNow your servers: fencepost init\n`);
  }
  const left = keep || good ? report : null;
  if (json) results.write(jsonDocument('demo', { good, commands: ran, notAsFound: changed, report: left }));
  return good ? exitCodes.done : exitCodes.someFailed;
}

/** Everything in it goes but this file; without one the folder too. */
async function clearFolder(folder: string, kept: string | null): Promise<void> {
  if (kept === null) {
    await rm(folder, { recursive: true, force: true });
    return;
  }
  const others = (await readdir(folder)).filter((name) => join(folder, name) !== kept);
  for (const name of others) await rm(join(folder, name), { recursive: true, force: true });
}

function heading(say: (text: string) => void, text: string): void {
  say(`\n== ${text}\n`);
}

function readState(lab: Lab): ReadonlyMap<string, string> {
  return new Map(lab.fleet.servers.map((server) => [server.name, JSON.stringify(captureState(server.machine))]));
}

async function runsIn(folder: string): Promise<readonly string[]> {
  return (await readdir(join(folder, 'state', 'runs'))).sort();
}

/** Runs the command line a user would type, with this very build; both its streams are shown as they come. */
function runCli(args: readonly string[], folder: string, say: (text: string) => void): Promise<number> {
  const [program, ...first] = findOwnCommand();
  const child = spawn(program, [...first, ...args], {
    cwd: folder,
    env: { ...process.env, FENCEPOST_STATE: '', FENCEPOST_STATE_DIR: join(folder, 'state') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.setEncoding('utf8').on('data', say);
  child.stderr.setEncoding('utf8').on('data', say);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve(code ?? -1);
    });
  });
}
