// One command that changes a host: its intent is on disk before it is sent, its answer or its loss after.
import { asFailure, Failure, failureRecord } from '../../model/failure.ts';
import type { CommandGoal, Direction, StepLook, StepState } from '../../model/outcome.ts';
import type { Step } from '../../model/plan.ts';
import type { Answer } from '../../model/seams.ts';
import { cutText } from '../../model/text/cut-text.ts';
import type { StepContext } from './step-context.ts';

/** What a change and the looks around it came to. */
export interface ChangeResult<S extends StepState> {
  readonly exitCode: number;
  readonly text: string;
  /** Null: the look could not be read. */
  readonly state: S | null;
  /** The looks right before and right behind the command; null: not read. */
  readonly before: StepLook | null;
  readonly after: StepLook | null;
}

export interface ChangeOrder<S extends StepState> {
  readonly step: Step;
  readonly direction: Direction;
  /** The change itself, as the plan shows it. */
  readonly line: string;
  readonly goal: CommandGoal;
  /** As the host showed it last. */
  readonly before: StepLook | null;
  /** The change between its two looks, as sent. */
  readonly script: string;
  readonly read: (answer: Answer) => ChangeResult<S>;
}

export type SendResult<S extends StepState> = { readonly seen: ChangeResult<S> } | { readonly lost: Failure };

/** Sends a change once. `lost` with effect `unknown` means that the host has to be asked. Rejects only with `journal/unwritable`. */
export async function sendChange<S extends StepState>(
  sending: ChangeOrder<S>,
  context: StepContext,
): Promise<SendResult<S>> {
  const { step, direction, line, goal, before, script, read } = sending;
  const about = { host: context.host, step: step.number, direction } as const;
  await context.recorder.record({ type: 'command-planned', ...about, line, goal, before });
  let seen: ChangeResult<S>;
  try {
    throwIfAborted(context);
    const late = context.checkTime?.(step) ?? null;
    if (late !== null) throw late;
    seen = read(await context.session.change(script, { signal: context.signal }));
  } catch (thrown) {
    const lost = asFailure(thrown);
    const { effect } = lost;
    await context.recorder.record({ type: 'command-lost', ...about, effect, failure: failureRecord(lost) });
    return { lost };
  }
  await context.recorder.record({ type: 'command-finished', ...about, ...seen, text: cutText(seen.text) });
  return { seen };
}

/** A deadline says so itself; any other abort is the operator's. Nothing was sent then. */
export function throwIfAborted({ signal, host }: Pick<StepContext, 'signal' | 'host'>): void {
  if (!signal.aborted) return;
  if (signal.reason instanceof Failure) throw signal.reason;
  throw new Failure('interrupted', 'interrupted before the command was sent', { where: host });
}

/** The failure of a step whose command was answered but did not do what it should. `advice`: what to try, where what was found tells. */
export function noEffect(
  host: string,
  line: string,
  exitCode: number,
  text: string,
  found: string,
  advice: string | null = null,
): Failure {
  // More follows behind it in a verdict.
  const said = cutText(text.trim().replaceAll(/\s+/g, ' ')).replace(/(?<!\.)\.$/, '');
  return new Failure(
    'step/no-effect',
    `"${line}" had no effect: afterwards ${found}; Windows said (exit code ${exitCode}): ${said === '' ? 'nothing' : said}`,
    {
      where: host,
      hint: advice,
    },
  );
}
