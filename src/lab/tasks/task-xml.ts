// A task's XML as `schtasks /create /xml` takes it -> what the task does, or why it is refused. Only what a guard needs: registration and
// boot triggers, <Exec> actions, SYSTEM; anything else is refused with words, never passed over.
// Source: MS-TSCH 2.5 (schema and defaults); facts windows.md section 9 (encoding, SIDs, 32 actions).
import { Failure } from '../../model/failure.ts';
import { readDuration } from '../../winrm/soap/duration.ts';
import { readXml, type XmlElement } from '../../winrm/soap/xml.ts';
import type { TaskAction, TaskDefinition } from '../machine/scheduled-task.ts';

const namespace = 'http://schemas.microsoft.com/windows/2004/02/mit/task';
/** Vista's schema and the two after it. */
const versions = ['1.2', '1.3', '1.4'];
const mostActions = 32;
const systemSid = 'S-1-5-18';
const usualTimeLimit = 'P3D';
/** MS-TSCH 2.5.3: triggerBaseType is a sequence; what a kind of trigger adds comes behind it. */
const triggerOrder = ['Enabled', 'StartBoundary', 'EndBoundary', 'Repetition', 'ExecutionTimeLimit', 'Delay'];

/** Throws a Failure whose message schtasks prints. */
export function readTaskXml(text: string): TaskDefinition {
  // UTF-8 with a mark or an encoding attribute fails; the file is ANSI or UTF-16 (facts: section 9). Letters beyond ASCII depend on the
  // code page of whoever wrote them.
  if (/[^\t\r\n\x20-\x7e]/.test(text)) throw refuse('switch from current encoding to specified encoding not supported');
  if (/^\s*<\?xml[^>]*encoding/i.test(text)) throw refuse('unable to switch the encoding');
  const root = readXml(text, { maxCharacters: 1_000_000 });
  if (root.name !== 'Task' || root.namespace !== namespace) throw refuse(`unexpected node ${root.name}`);
  if (!versions.includes(root.attributes.get('version') ?? '')) throw refuse('version');
  allowOnly(root, ['RegistrationInfo', 'Triggers', 'Principals', 'Settings', 'Data', 'Actions']);
  const triggers = part(root, 'Triggers');
  if (triggers !== null) allowOnly(triggers, ['RegistrationTrigger', 'BootTrigger']);
  const settings = part(root, 'Settings');
  const limit = textOf(settings, 'ExecutionTimeLimit') ?? usualTimeLimit;
  const limitMs = readDuration(limit);
  return {
    registrationDelayMs: readDelay(triggers, 'RegistrationTrigger'),
    bootDelayMs: readDelay(triggers, 'BootTrigger'),
    timeLimitMs: limitMs === 0 ? null : limitMs,
    needsMains: readBoolean(settings, 'DisallowStartIfOnBatteries', true),
    enabled: readBoolean(settings, 'Enabled', true),
    runsAsSystem: readPrincipal(part(root, 'Principals')),
    actions: readActions(part(root, 'Actions')),
  };
}

function readDelay(triggers: XmlElement | null, name: string): number | null {
  const trigger = triggers === null ? null : part(triggers, name);
  if (trigger === null) return null;
  const order = trigger.children.map((one) => triggerOrder.indexOf(one.name));
  const isSorted = order.every((place, index) => place > (order[index - 1] ?? -1));
  if (!isSorted) throw refuse(`unexpected node in ${name}`);
  for (const unread of ['StartBoundary', 'EndBoundary', 'Repetition']) {
    if (part(trigger, unread) !== null) throw refuse(`${unread} (the lab has no calendar)`);
  }
  if (!readBoolean(trigger, 'Enabled', true)) return null;
  const delay = textOf(trigger, 'Delay');
  return delay === null ? 0 : readDuration(delay);
}

function readPrincipal(principals: XmlElement | null): boolean {
  const principal = principals === null ? null : part(principals, 'Principal');
  if (principal === null) return false;
  return textOf(principal, 'UserId') === systemSid;
}

function readActions(actions: XmlElement | null): readonly TaskAction[] {
  if (actions === null) throw refuse('missing Actions');
  allowOnly(actions, ['Exec']);
  if (actions.children.length === 0 || actions.children.length > mostActions) throw refuse('Actions');
  return actions.children.map((exec) => {
    allowOnly(exec, ['Command', 'Arguments', 'WorkingDirectory']);
    const command = textOf(exec, 'Command');
    if (command === null || command === '') throw refuse('Command');
    return { command, rawArguments: textOf(exec, 'Arguments') ?? '' };
  });
}

function readBoolean(parent: XmlElement | null, name: string, otherwise: boolean): boolean {
  const word = textOf(parent, name);
  if (word === null) return otherwise;
  if (word !== 'true' && word !== 'false') throw refuse(`${name}: ${word}`);
  return word === 'true';
}

function allowOnly(parent: XmlElement, names: readonly string[]): void {
  const strange = parent.children.find((one) => one.namespace !== namespace || !names.includes(one.name));
  if (strange !== undefined) throw refuse(`unexpected node ${strange.name}`);
}

function part(parent: XmlElement, name: string): XmlElement | null {
  return parent.children.find((one) => one.namespace === namespace && one.name === name) ?? null;
}

function textOf(parent: XmlElement | null, name: string): string | null {
  const found = parent === null ? null : part(parent, name);
  return found === null ? null : found.text.trim();
}

function refuse(why: string): Failure {
  return new Failure('wire/invalid', why);
}
