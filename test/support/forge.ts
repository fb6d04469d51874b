// Plans and journals as a forger writes them: any content, and digests made again so that they hold. Asserts only what a step may send.
import { createHash } from 'node:crypto';
import { firstPrevious, journalVersion } from '../../src/journal/record.ts';
import type { Step } from '../../src/model/plan.ts';
import type { Desired } from '../../src/model/desired.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The text of a plan file of this content, laid out as Fencepost does it, under its right digest. */
export function forgePlan(plan: Json, version: Json = 2): string {
  const whole = typeof plan === 'object' && plan !== null && !Array.isArray(plan) ? plan : null;
  const hosts = whole?.['hosts'];
  const digest = sha256(JSON.stringify(plan));
  if (whole === null || !Array.isArray(hosts)) {
    return JSON.stringify({ format: 'fencepost-plan', version, digest, plan });
  }
  // The hosts come last, whatever was made of the rest.
  const head = JSON.stringify({ ...whole, hosts: undefined }).slice(0, -1);
  const lines = hosts.map((one) => JSON.stringify(one)).join(',\n');
  const start = JSON.stringify({ format: 'fencepost-plan', version, digest });
  return `${start.slice(0, -1)},"plan":\n${head},"hosts":[\n${lines}\n]}}\n`;
}

/** The text of a journal of these events under a chain that holds. */
export function forgeJournal(events: readonly Json[], version: Json = journalVersion): string {
  let previous = firstPrevious;
  return events
    .map((event, index) => {
      const body = JSON.stringify({ v: version, sequence: index + 1, previous, event }).slice(0, -1);
      previous = sha256(body);
      return `${body},"digest":"${previous}"}\n`;
    })
    .join('');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

const exclusionLine =
  /^netsh interface ipv[46] (?:add|delete) excludedportrange protocol=(tcp|udp) startport=(\d+) numberofports=(\d+) store=(?:active|persistent)$/;
const serviceLine = /^sc (?:start|stop) ([\w.$@{}~+-]+)$/;

/** Every line of a step that is not a change of a desired exclusion or service: none, whatever a file says. */
export function foreignLines(steps: readonly Step[], desired: Desired): readonly string[] {
  return steps.flatMap(linesOf).filter((line) => {
    const [, protocol, first, ports] = exclusionLine.exec(line) ?? [];
    const [, service] = serviceLine.exec(line) ?? [];
    const isDesired = desired.exclusions.some(
      (one) =>
        (one.protocol === protocol &&
          one.range.firstPort === Number(first) &&
          one.range.portCount === Number(ports) &&
          Number(first) + Number(ports) <= 65_536) ||
        (service !== undefined && one.service === service),
    );
    return !isDesired;
  });
}

function linesOf(step: Step): readonly string[] {
  if (step.kind !== 'exclusion') return step.undo === null ? [step.line] : [step.line, step.undo];
  // What replaces a range has several parts in its line: each is judged.
  return [...step.commands, ...step.undo].flatMap((one) => one.line.split(' & '));
}

/** What to do to a JSON value, somewhere in it. Any numbers will do. */
export interface Mutation {
  readonly where: number;
  readonly what: number;
  readonly value: Json;
}

const strangeKeys = ['__proto__', 'constructor', 'toString', 'line', 'commands', 'sentence', 'unknown'];

/** A copy with one place of it changed. May be equal to the first. */
export function mutate(json: Json, { where, what, value }: Mutation): Json {
  const root: { [key: string]: Json } = { root: structuredClone(json) };
  const places = placesOf(root);
  const place = places[where % places.length];
  if (place === undefined) return json;
  const { parent, key } = place;
  const other = places[(where * 7919 + what) % places.length];
  const set = (one: Json): void => {
    Object.defineProperty(parent, key, { value: one, writable: true, enumerable: true, configurable: true });
  };
  const found = valueAt(parent, key);
  switch (what % 6) {
    case 0:
      set(value);
      break;
    case 1:
      if (Array.isArray(parent)) parent.splice(Number(key), 1);
      else if (key !== 'root') Reflect.deleteProperty(parent, key);
      break;
    case 2:
      if (other !== undefined) set(structuredClone(valueAt(other.parent, other.key)));
      break;
    case 3:
      if (Array.isArray(found)) found.push(structuredClone(found[0] ?? value));
      else if (typeof found === 'object' && found !== null) {
        const name = strangeKeys[where % strangeKeys.length] ?? 'x';
        Object.defineProperty(found, name, { value, writable: true, enumerable: true, configurable: true });
      } else if (typeof found === 'number') set(found + 1);
      else if (typeof found === 'boolean') set(!found);
      else set(`${String(found)} & net user backdoor P4ss /add`);
      break;
    case 4:
      if (Array.isArray(found)) found.reverse();
      else if (typeof found === 'string') set(found.slice(1));
      else set(typeof found === 'boolean' ? !found : value);
      break;
    default:
      set(typeof found === 'number' ? found - 1 : typeof found === 'boolean' ? !found : value);
  }
  return root['root'] ?? null;
}

type Parent = Json[] | { [key: string]: Json };

function valueAt(parent: Parent, key: string): Json {
  return (parent as { [key: string]: Json })[key] ?? null;
}

function placesOf(json: Parent): readonly { readonly parent: Parent; readonly key: string }[] {
  return Object.keys(json).flatMap((key) => {
    const value = valueAt(json, key);
    const here = { parent: json, key };
    return typeof value === 'object' && value !== null ? [here, ...placesOf(value)] : [here];
  });
}
