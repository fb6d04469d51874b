// What the parser lets through and a command would then ignore or take for something else: `--dry-run=1`, which is false to it, a value that is
// missing or empty, a flag that is given twice, `--no-limit`, a positional written as a flag. Pure.
import type { Options } from 'yargs';
import { Failure } from '../../model/failure.ts';

export type Flags = Readonly<Record<string, Options>>;

/** The same options, each but a switch with a value of its own: without that, `--limit` at the end of a line has an empty one. */
export function requireValues(flags: Flags): Flags {
  return Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [name, flag.type === 'boolean' ? flag : { nargs: 1, ...flag }]),
  );
}

/** `words`: of the line, as they were typed. Throws Failure `usage/invalid`. */
export function checkWords(words: readonly string[], flags: Flags, positionals: readonly string[]): void {
  const end = words.indexOf('--');
  for (const word of end < 0 ? words : words.slice(0, end)) {
    const [, dashes = '', written = '', value] = /^(--?)([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(word) ?? [];
    const name = toKebab(written);
    if (dashes === '--' && positionals.includes(name)) throw wrong(`Unknown argument: ${name}`);
    const isNegated = dashes === '--' && name.startsWith('no-') && !(name in flags);
    const flag = isNegated ? name.slice('no-'.length) : name;
    const known = findFlag(flag, flags);
    if (isNegated && known !== undefined && known.type !== 'boolean') throw wrong(`Unknown argument: ${name}`);
    if (known?.type !== 'boolean' || value === undefined || ['true', 'false'].includes(value)) continue;
    throw wrong(`${dashes}${written}: expected no value, or true or false, got ${value}`);
  }
}

/** `args`: as the parser read them. Throws Failure `usage/invalid`. */
export function checkValues(args: object, flags: Flags, positionals: readonly string[]): void {
  const values = new Map<string, unknown>(Object.entries(args));
  for (const name of positionals) {
    if (Array.isArray(values.get(name))) throw wrong(`${name} is given more than once`);
  }
  for (const [name, flag] of Object.entries(flags)) {
    const value = values.get(name);
    if (value === undefined || flag.type === 'boolean') continue;
    if (Array.isArray(value) && flag.array !== true) throw wrong(`--${name} is given more than once`);
    if ([value].flat().includes('')) {
      const hint = 'a variable of the shell may not be set; leave the flag out, or give it a value';
      throw wrong(`--${name}: expected a value, got none`, hint);
    }
  }
}

/** Whether a switch that every command has is on, for what is said of a line that could not be parsed. */
export function isOn(flag: string, words: readonly string[]): boolean {
  const pattern = new RegExp(`^--(no-)?${flag}(?:=(.*))?$`, 's');
  const last = words.map((word) => pattern.exec(word)).findLast((found) => found !== null);
  if (last === undefined) return false;
  const [, no, value] = last;
  return (value !== 'false') === (no === undefined);
}

function findFlag(name: string, flags: Flags): Options | undefined {
  return flags[name] ?? Object.values(flags).find(({ alias }) => [alias].flat().includes(name));
}

/** The parser takes `--dryRun` too. */
function toKebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function wrong(message: string, hint: string | null = null): Failure {
  return new Failure('usage/invalid', message, { hint });
}
