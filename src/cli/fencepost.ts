// argv -> command -> exit code. It never ends the process: main.ts does. Commands load their work on first use.
import yargs, { type Argv } from 'yargs';
import { asFailure, Failure } from '../model/failure.ts';
import { applyCommand } from './commands/apply.ts';
import { approveCommand } from './commands/approve.ts';
import { collectCommand } from './commands/collect.ts';
import { completionCommand } from './commands/completion.ts';
import { demoCommand } from './commands/demo.ts';
import { discoverCommand } from './commands/discover/discover.ts';
import { doctorCommand } from './commands/doctor.ts';
import { explainCommand } from './commands/explain.ts';
import { historyCommand } from './commands/history/history.ts';
import { initCommand } from './commands/init.ts';
import { inventoryCommand } from './commands/inventory.ts';
import { labCommand } from './commands/lab.ts';
import { planCommand } from './commands/plan.ts';
import { rehearseCommand } from './commands/rehearse/rehearse.ts';
import { reportCommand } from './commands/report.ts';
import { resumeCommand } from './commands/resume.ts';
import { rollbackCommand } from './commands/rollback.ts';
import { runsCommand } from './commands/runs.ts';
import { schemaCommand } from './commands/schema.ts';
import { runnerCommand } from './commands/runner/runner.ts';
import { showCommand } from './commands/show.ts';
import { stateCommand } from './commands/state/state.ts';
import { statusCommand } from './commands/status.ts';
import { confirmCommand } from './commands/guards/confirm.ts';
import { guardsCommand } from './commands/guards/guards.ts';
import { unlockCommand } from './commands/unlock.ts';
import { verifyCommand } from './commands/verify.ts';
import { watchCommand } from './commands/watch/watch.ts';
import { environmentHelp } from './environment-help.ts';
import { exitCodeHelp, exitCodeOfFailure, exitCodes } from './exit-codes.ts';
import type { FailureStyle } from '../report/text/failure-text.ts';
import type { Command } from './define-command.ts';
import { isOn } from './flags/check-flags.ts';
import { helpColumns } from './help/help-columns.ts';
import { results, talk, unlessInterrupted } from './io/standard-streams.ts';
import { toolVersion } from './version.ts';

const commands: readonly Command[] = [
  initCommand,
  discoverCommand,
  inventoryCommand,
  doctorCommand,
  collectCommand,
  planCommand,
  showCommand,
  rehearseCommand,
  approveCommand,
  applyCommand,
  verifyCommand,
  confirmCommand,
  guardsCommand,
  rollbackCommand,
  resumeCommand,
  unlockCommand,
  statusCommand,
  runsCommand,
  historyCommand,
  stateCommand,
  runnerCommand,
  watchCommand,
  reportCommand,
  labCommand,
  demoCommand,
  explainCommand,
  schemaCommand,
  completionCommand,
];

export { leaveLostTerminals } from './io/standard-streams.ts';

/** How long the end waits for a reader of stderr. */
const talkMs = 5000;

/** The command that was named, with its arguments; without one when yargs has answered everything itself (help, version). */
interface ChosenCommand {
  run?: () => Promise<number>;
}

/** Thrown by the handler once a command is chosen: yargs would lay out the whole help after it, in vain. */
const commandChosen = new Error('a command is chosen');

/** Runs a command line and resolves with the exit code once all output is handed over. Never rejects. */
export async function runFencepost(argv: readonly string[]): Promise<number> {
  let exitCode: number = exitCodes.done;
  const named: ChosenCommand = {};
  try {
    const parser = createParser(argv, named);
    // Words that yargs can't know come first; it prints its own when there are none.
    const isAnswered = argv[0] === '--get-yargs-completions' && (await printNames(argv.slice(1)));
    if (!isAnswered) await chooseCommand(parser);
    exitCode = (await named.run?.()) ?? exitCode;
    await unlessInterrupted(results.drained());
    // A reader that closes the pipe early (head, less) is no error.
    if (results.lost !== null && !results.isReaderGone && !results.isExcused) {
      throw new Failure('output/unwritable', `the results could not be written to stdout: ${results.lost}`);
    }
  } catch (thrown) {
    exitCode = await report(await suggestFlags(asFailure(thrown), argv), argv);
  }
  await unlessInterrupted(Promise.all([results.drained(), talk.drained(talkMs)]));
  return exitCode;
}

async function chooseCommand(parser: Argv): Promise<void> {
  try {
    await parser.parseAsync();
  } catch (thrown) {
    if (thrown !== commandChosen) throw thrown;
  }
}

function createParser(argv: readonly string[], named: ChosenCommand): Argv {
  const parser = yargs([...argv])
    .scriptName('fencepost')
    .usage('$0 <command>\n\nReserves Windows ports across fleets of Exchange servers over WinRM.')
    .version(toolVersion)
    .help()
    .alias('help', 'h')
    .strict()
    .recommendCommands()
    .demandCommand(1, 'Name a command.')
    .epilogue(`${environmentHelp}\n\n${exitCodeHelp}`)
    .wrap(helpColumns(process.stdout.columns))
    .exitProcess(false)
    .fail((message, error, usage) => {
      // yargs passes null or undefined for the one that does not apply, whatever its types say.
      // Its parser throws for a value that is missing.
      const missing = /^Not enough arguments following: (.+)$/.exec(String((error as Error | undefined)?.message))?.[1];
      if (missing === undefined && (error as Error | undefined) instanceof Error) throw error;
      const words =
        missing === undefined ? message : `${missing.length === 1 ? '-' : '--'}${missing}: expected a value, got none`;
      throw new Failure('usage/invalid', words, {
        hint: `fencepost ${argv[0] ?? ''} --help`.replace('  ', ' '),
        cause: usage,
      });
    });
  for (const { command, describe, builder, check, run } of commands) {
    // yargs forgets the epilogue of the whole at every command, and sets two of a command together.
    const withExitCodes = (words: Argv): Argv => builder(words).epilogue(`\n${exitCodeHelp}`);
    parser.command(command, describe, withExitCodes, (args) => {
      named.run = () => {
        check(argv);
        return run(args);
      };
      throw commandChosen;
    });
  }
  return parser;
}

/** A usage error with `did you mean --limit?` in place of the help, where a flag that the command does not have is near one it has. */
async function suggestFlags(failure: Failure, [name = '', ...words]: readonly string[]): Promise<Failure> {
  const command = commands.find((one) => one.command.split(' ')[0] === name);
  if (failure.code !== 'usage/invalid' || failure.hint?.endsWith(' --help') !== true || command === undefined) {
    return failure;
  }
  const { findNearest } = await import('../yaml/nearest.ts');
  const known = [...command.flags, 'help', 'version'];
  const given = words.flatMap((word) => /^--(?:no-)?([a-z][a-z-]*)/i.exec(word)?.[1] ?? []);
  const near = given.filter((flag) => !known.includes(flag)).flatMap((flag) => findNearest(flag, known) ?? []);
  if (near.length === 0) return failure;
  const hint = `did you mean ${[...new Set(near)].map((flag) => `--${flag}`).join(', ')}?`;
  return new Failure(failure.code, failure.message, { hint, cause: failure.cause });
}

/** Completes names of hosts, groups, runs and codes; false when none of these is what comes next. */
async function printNames(words: readonly string[]): Promise<boolean> {
  const { completeNames } = await import('./commands/completion/complete.ts');
  const names = await completeNames(words);
  if (names !== null) results.write(names.map((name) => `${name}\n`).join(''));
  return names !== null;
}

async function report(failure: Failure, argv: readonly string[]): Promise<number> {
  const { renderFailure } = await import('../report/text/failure-text.ts');
  if (isOn('json', argv)) {
    const { jsonDocument } = await import('./json.ts');
    const { code, message, where, hint, issues } = failure;
    // Events on stdout leave no room for anything else there.
    (isEventsOnStdout(argv) ? talk : results).write(
      jsonDocument('error', { error: { code, message, where, hint, issues } }),
    );
  }
  talk.write(renderFailure(failure, isOn('debug', argv), await failureStyle()));
  const more = whereMoreStands(failure, argv);
  if (more !== null) talk.write(`  more: ${more}\n`);
  if (failure.issues.length > 0 && process.env['GITHUB_ACTIONS'] === 'true') {
    const [{ annotateIssues }, { describePlace }] = await Promise.all([
      import('../report/ci/annotations.ts'),
      import('./report-context.ts'),
    ]);
    talk.annotate(annotateIssues(failure, describePlace));
  }
  return exitCodeOfFailure(failure);
}

function isEventsOnStdout(argv: readonly string[]): boolean {
  return argv.some((word, index) => word === '--events=-' || (word === '--events' && argv[index + 1] === '-'));
}

/** A person at a terminal sees the lines that are wrong; a log gets the words alone, painted only when it asks for that. */
async function failureStyle(): Promise<FailureStyle> {
  const [{ paintFor }, { sourceLines }] = await Promise.all([
    import('./io/colours.ts'),
    import('./io/source-lines.ts'),
  ]);
  return { paint: paintFor(process.stderr), lineOf: process.stderr.isTTY ? sourceLines() : () => null };
}

/** A usage error is fixed by its hint or the help; the rest has a page with causes and commands. */
function whereMoreStands({ code, hint }: Failure, argv: readonly string[]): string | null {
  if (code !== 'usage/invalid') return `fencepost explain ${code}`;
  const command = argv[0]?.startsWith('-') === false ? `${argv[0]} ` : '';
  return hint === null ? `fencepost ${command}--help` : null;
}
