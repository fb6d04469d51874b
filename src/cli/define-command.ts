// A command is declared once: its words, positionals and flags. The types of its arguments follow from the declaration, so that none is
// written by hand and none can differ from what yargs parses.
import type { Argv, InferredOptionTypes, Options, PositionalOptions } from 'yargs';
import { checkValues, checkWords, requireValues, type Flags } from './flags/check-flags.ts';
import { helpGroups } from './options.ts';

type Positionals = Readonly<Record<string, PositionalOptions>>;

/** What `run` is given, and nothing else that yargs adds to it. */
type Arguments<P extends Positionals, F extends Flags> = InferredOptionTypes<P> & InferredOptionTypes<F>;

interface Declaration<P extends Positionals, F extends Flags> {
  /** With its positionals, as yargs writes them: `rollback <run>`. */
  readonly command: string;
  readonly describe: string;
  readonly positionals?: P;
  /** Shown in this order, within the groups of `helpGroups`; own ones have no group. */
  readonly options: F;
  /** Two flags that do not go together. */
  readonly conflicts?: readonly [flag: string, other: string];
  readonly examples: readonly (readonly [line: string, what: string])[];
  /** Loads its work on first use. Returns the exit code; it neither prints usage nor ends the process. */
  readonly run: (args: Arguments<P, F>) => Promise<number>;
}

export interface Command {
  readonly command: string;
  readonly describe: string;
  readonly builder: (yargs: Argv) => Argv;
  /** Every flag it takes, without dashes. */
  readonly flags: readonly string[];
  /** Throws Failure `usage/invalid` for words that yargs would take for something else. `words`: all of the line. */
  readonly check: (words: readonly string[]) => void;
  /** `args`: what yargs made of them by `builder`. Rejects with Failure `usage/invalid` for values that no flag has. */
  readonly run: (args: object) => Promise<number>;
}

// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- a command without positionals has none
export function defineCommand<const P extends Positionals = {}, const F extends Flags = {}>({
  command,
  describe,
  positionals,
  options,
  conflicts,
  examples,
  run,
}: Declaration<P, F>): Command {
  const names = Object.keys(positionals ?? {});
  return {
    command,
    describe,
    flags: Object.keys(options),
    builder(yargs) {
      const named = Object.entries<PositionalOptions>(positionals ?? {}).reduce(
        (parser, [name, positional]) => parser.positional(name, positional),
        yargs,
      );
      const parser: Argv = named
        .options(requireValues(arrangeFlags(options)))
        .group(['version', 'help'], helpGroups.common);
      if (conflicts !== undefined) parser.conflicts(...conflicts);
      return parser.epilogue(renderExamples(examples));
    },
    check(words) {
      checkWords(words, options, names);
    },
    // yargs adds camel-case twins and `_` to what was declared; the command sees only what it asked for.
    async run(args) {
      checkValues(args, options, names);
      return run(args as Arguments<P, F>);
    },
  };
}

/** yargs shows groups in the order in which it meets them. */
function arrangeFlags(flags: Flags): Flags {
  const order: readonly string[] = Object.values(helpGroups);
  const grouped = Object.entries(flags).map(([name, flag]): [string, Options] => [
    name,
    { group: helpGroups.own, ...flag },
  ]);
  const rank = ([, { group = helpGroups.own }]: [string, Options]): number => order.indexOf(group);
  return Object.fromEntries(grouped.toSorted((one, other) => rank(one) - rank(other)));
}

/** Each command on a line of its own, to be copied: the columns of yargs would break it. */
function renderExamples(examples: readonly (readonly [line: string, what: string])[]): string {
  return ['Examples:', ...examples.map(([line, what]) => `  fencepost ${line}\n      ${what}`)].join('\n');
}
