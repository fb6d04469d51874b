// `schtasks /create /xml`, `/query`, `/delete`, `/run` and `/end`. It only keeps the list: what falls due is run elsewhere
// (tasks/run-due-tasks.ts). Exit code 0 or 1, nothing else (learn.microsoft.com, schtasks: "0 success, 1 failure"); texts are translated.
// Source: facts windows.md section 9; an account that is no administrator sees no task (windows.md 0.11).
import { asFailure } from '../../model/failure.ts';
import { createTask, findTask, type ScheduledTask } from '../machine/scheduled-task.ts';
import { findWording } from '../phrases/wordings.ts';
import { readTaskXml } from '../tasks/task-xml.ts';
import { joinLines, printError, printOut, quoteFields } from './program.ts';
import type { ProgramCall, ProgramResult } from './program.ts';

const valued = ['tn', 'xml', 'fo', 'ru', 'tr', 'sc', 'sd', 'st'];

export function schtasks(call: ProgramCall): ProgramResult {
  const options = readOptions(call.words);
  if (options === null) return fail('Invalid syntax. Value expected.');
  const verb = ['create', 'query', 'delete', 'run', 'end'].find((one) => options.has(one));
  if (verb === undefined && call.words.length > 0) return fail('Invalid syntax. Type "SCHTASKS /?" for usage.');
  if (verb === 'create') return create(call, options);
  if (!call.elevated) return fail(findWording(call.machine).system.accessDenied);
  const path = options.get('tn') ?? null;
  if (verb === undefined || (verb === 'query' && path === null)) return list(call.machine.tasks, options);
  if (path === null) return fail("Invalid syntax. Mandatory option 'tn' is missing.");
  const task = findTask(call.machine.tasks, path);
  if (task === undefined) return fail(findWording(call.machine).system.fileNotFound);
  return onTask(call, verb, task, options);
}

type Options = ReadonlyMap<string, string>;

function readOptions(words: readonly string[]): Options | null {
  const options = new Map<string, string>();
  for (let at = 0; at < words.length; at += 1) {
    const name = /^\/(\w+)$/.exec(words[at] ?? '')?.[1]?.toLowerCase();
    if (name === undefined) return null;
    // `/query /xml` prints; `/create /xml FILE` reads.
    const takesValue = valued.includes(name) && !(name === 'xml' && options.has('query'));
    const value = takesValue ? words[(at += 1)] : '';
    if (value === undefined || (takesValue && value.startsWith('/'))) return null;
    options.set(name, value);
  }
  return options;
}

function create({ machine, elevated, readFile }: ProgramCall, options: Options): ProgramResult {
  const [path, file] = [options.get('tn'), options.get('xml')];
  // Dates and repeats by words and the region's forms are what nobody may rely on; the lab knows the file only.
  if (path === undefined || file === undefined) return fail('Invalid syntax. /tn and /xml are expected.');
  const { system } = findWording(machine);
  const xml = readFile(file);
  if (xml === null) return fail(system.fileNotFound);
  let definition: ReturnType<typeof readTaskXml>;
  try {
    definition = readTaskXml(xml);
  } catch (thrown) {
    return fail(`The task XML is malformed. (1,1)::${asFailure(thrown).message}`);
  }
  if (!elevated || machine.quirks.taskCreate === 'denied') return fail(system.accessDenied);
  if (findTask(machine.tasks, path) !== undefined && !options.has('f')) {
    // It asks, and nobody answers over WinRM.
    return printOut(joinLines(`WARNING: The task name "${path}" already exists. Do you want to replace it (Y/N)? `), 1);
  }
  machine.tasks = machine.tasks.filter((one) => one !== findTask(machine.tasks, path));
  if (machine.quirks.taskCreate === 'kept') {
    machine.tasks.push(createTask(path, xml, definition, machine.nowMs));
  }
  return succeed(`The scheduled task "${path}" has successfully been created.`);
}

function onTask(call: ProgramCall, verb: string, task: ScheduledTask, options: Options): ProgramResult {
  switch (verb) {
    case 'delete':
      if (!options.has('f')) return printOut(joinLines(`WARNING: Are you sure you want to remove "${task.path}"?`), 1);
      call.machine.tasks = call.machine.tasks.filter((one) => one !== task);
      return succeed(`The scheduled task "${task.path}" was successfully deleted.`);
    case 'run':
      // It is started, and not waited for.
      task.dueAtMs = call.machine.nowMs;
      return succeed(`Attempted to run the scheduled task "${task.path}".`);
    case 'end':
      task.hangsSinceMs = null;
      return succeed(`The scheduled task "${task.path}" has been terminated successfully.`);
    default:
      return options.has('xml') ? printOut(task.xml) : list([task], options);
  }
}

/** As CSV: the path, when it runs next, and how it stands; the last two in the words of the language. */
function list(tasks: readonly ScheduledTask[], options: Options): ProgramResult {
  const rows = [...usualTasks, ...tasks.map((one) => one.path)].map((path) => [path, 'N/A', 'Ready']);
  const shown = options.has('tn') ? rows.slice(usualTasks.length) : rows;
  if (options.get('fo')?.toLowerCase() === 'csv') {
    const title = options.has('nh') ? [] : [quoteFields(['TaskName', 'Next Run Time', 'Status'])];
    return printOut(joinLines(...title, ...shown.map(quoteFields)));
  }
  return printOut(joinLines(...shown.map((row) => row.join('  '))));
}

/** A few of those that every Windows has. */
const usualTasks = ['\\Microsoft\\Windows\\Defrag\\ScheduledDefrag', '\\Microsoft\\Windows\\Registry\\RegIdleBackup'];

function succeed(text: string): ProgramResult {
  return printOut(joinLines(`SUCCESS: ${text}`));
}

function fail(text: string): ProgramResult {
  return printError(joinLines(`ERROR: ${text}`), 1);
}
