// The guard of a host: a scheduled task that undoes a run's changes unless it is called off. Writes its XML and the lines that create,
// query and delete it; reads their exit codes and names, never words. Nothing is sent here; which commands undo, says model/rules/guard.ts.
// Source: facts windows.md section 9 (encoding, triggers, SID, 259 characters, batteries); MS-TSCH 2.5; `cmd /?`.
import { Failure } from '../model/failure.ts';
import { guardFolder } from '../model/rules/guard.ts';
import { splitLines } from './cmd/lines.ts';
import { callByPath, programPath } from './cmd/programs.ts';
import { joinMarked, longestLine, prepareScript, writeScript, type Script, type ScriptPart } from './cmd/script.ts';

export interface GuardOrder {
  /** `\Fencepost\RUN` */
  readonly task: string;
  readonly withinMs: number;
  /** What it runs, in order, as the plan shows it. */
  readonly actions: readonly string[];
}

/** After a restart, time for the services that the mail services need. */
const bootDelay = 'PT2M';
/** All of it takes seconds. */
const timeLimit = 'PT10M';
/** Longer arguments make a task of 2012 and older hang for ever. */
const longestArguments = 259;
const systemSid = 'S-1-5-18';

/** The XML of the task, one line of it per entry: ASCII without a declaration, and without double quotes, which cmd would count. */
export function writeGuardXml({ task, withinMs, actions }: GuardOrder): readonly string[] {
  if (!Number.isInteger(withinMs / 1000) || withinMs <= 0) {
    throw new Failure('internal/bug', `expected whole seconds for a guard, got ${withinMs} ms`);
  }
  return [
    "<Task version='1.2' xmlns='http://schemas.microsoft.com/windows/2004/02/mit/task'>",
    `<RegistrationInfo><Description>Fencepost: undoes the changes of a run on this host unless it is called off.</Description></RegistrationInfo>`,
    `<Triggers><RegistrationTrigger><Delay>PT${withinMs / 1000}S</Delay></RegistrationTrigger>`,
    `<BootTrigger><Delay>${bootDelay}</Delay></BootTrigger></Triggers>`,
    `<Principals><Principal id='Author'><UserId>${systemSid}</UserId><RunLevel>HighestAvailable</RunLevel></Principal></Principals>`,
    '<Settings><MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>',
    '<DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries><StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>',
    `<StartWhenAvailable>true</StartWhenAvailable><ExecutionTimeLimit>${timeLimit}</ExecutionTimeLimit></Settings>`,
    "<Actions Context='Author'>",
    ...[...actions, deleteTask(task)].map(writeExec),
    '</Actions></Task>',
  ];
}

/** One program without cmd: nothing in it is expanded or joined. */
function writeExec(line: string): string {
  const [, name = '', rest = ''] = /^(netsh|sc|schtasks) (.+)$/.exec(line) ?? [];
  if (name !== 'netsh' && name !== 'sc' && name !== 'schtasks') {
    throw new Failure('internal/bug', `not a command of a guard: ${JSON.stringify(line)}`);
  }
  if (rest.length > longestArguments) {
    throw new Failure(
      'command/too-long',
      `a task takes ${longestArguments} characters of arguments, got ${rest.length}`,
    );
  }
  return `<Exec><Command>${programPath(name)}</Command><Arguments>${escapeXml(rest)}</Arguments></Exec>`;
}

/** For text between tags. */
export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
}

/**
 * Text for `echo` outside quotes, inside the quotes of the outer shell. Throws Failure `internal/bug` for what no caret makes safe:
 * `%` and `!` but for %SystemRoot%, double quotes, and whatever is not printable ASCII.
 */
export function escapeEcho(text: string): string {
  const unsafe = /["%!]|[^\x20-\x7e]/.test(text.replaceAll('%SystemRoot%', ''));
  if (unsafe) throw new Failure('internal/bug', `a text that cannot be echoed: ${JSON.stringify(text)}`);
  return text.replaceAll(/[\^&<>|()]/g, '^$&');
}

/**
 * The line that creates the task, or replaces it so that its time counts from now, and asks whether it is there. `nonce` is also in the
 * name of the file, for everybody may make files in its folder. Throws Failure `command/too-long`.
 */
export function writeGuardArming(order: GuardOrder, nonce: string): Script {
  const file = `%SystemRoot%\\Temp\\fencepost-${nonce}.xml`;
  const echoes = writeGuardXml(order).map((line) => `echo ${escapeEcho(line)}`);
  const script = joinMarked(
    [
      `(${echoes.join('&')})>${file} & ${callByPath(`schtasks /create /tn ${checkTask(order.task)} /xml ${file} /f`)}`,
      `del ${file} & ${callByPath(queryTask(order.task))}`,
    ],
    nonce,
  );
  if (script.line.length <= longestLine) return script;
  throw new Failure(
    'command/too-long',
    `the guard for this host makes a command line of ${script.line.length} characters; cmd.exe takes ${longestLine}`,
    { hint: 'split the playbook into several with fewer ports each' },
  );
}

/** What became of it: whether Windows took it, and whether it is there. */
export function readGuardArming(parts: readonly ScriptPart[]): {
  readonly taken: ScriptPart | null;
  readonly isArmed: boolean;
} {
  const [created, queried] = parts;
  return { taken: created ?? null, isArmed: created?.exitCode === 0 && queried?.exitCode === 0 };
}

/** Ends the task if it is running, deletes it, and asks whether it is gone. */
export function writeGuardCalling(task: string, nonce: string): Script {
  const lines = [`schtasks /end /tn ${checkTask(task)}`, deleteTask(task), queryTask(task)];
  return writeScript(prepareScript(lines), nonce);
}

/** `called-off`: it was there and is gone; `gone`: it was not there; `there`: it is there still. */
export function readGuardCalling(parts: readonly ScriptPart[]): 'called-off' | 'gone' | 'there' {
  const [, deleted, queried] = parts;
  if (queried?.exitCode === 0) return 'there';
  return deleted?.exitCode === 0 ? 'called-off' : 'gone';
}

/** Lists all tasks: what is asked of one that is not there and of one that may not be seen has one exit code. */
export function listTasks(): string {
  return 'schtasks /query /fo csv /nh';
}

/** The paths of the guards on a host; null when the list could not be read. Every Windows has tasks, so an empty one is none. */
export function readGuardTasks(text: string, exitCode: number): readonly string[] | null {
  const paths = splitLines(text).flatMap((line) => /^"(\\[^"]+)",/.exec(line.text)?.slice(1) ?? []);
  if (exitCode !== 0 || paths.length === 0) return null;
  const isGuard = (path: string): boolean => path.toLowerCase().startsWith(guardFolder.toLowerCase());
  return [...new Set(paths.filter(isGuard))];
}

function queryTask(task: string): string {
  return `schtasks /query /tn ${checkTask(task)}`;
}

function deleteTask(task: string): string {
  return `schtasks /delete /tn ${checkTask(task)} /f`;
}

/** One word of a command line, in our folder. */
function checkTask(task: string): string {
  if (isGuardTask(task)) return task;
  throw new Failure('internal/bug', `not the name of a guard: ${JSON.stringify(task)}`);
}

/** Windows lists the folder as whoever created it wrote it. */
export function isGuardTask(task: string): boolean {
  const isInFolder = task.toLowerCase().startsWith(guardFolder.toLowerCase());
  return isInFolder && /^[A-Za-z0-9-]{1,64}$/.test(task.slice(guardFolder.length));
}
