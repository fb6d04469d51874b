// Mishaps for one simulated server that can be switched on and off between the stages of a chaos run: while they are on, each request
// from then on meets one with a given probability. Built on the lab's own deck, whose triggers are read afresh for every request.
import type { MishapAct, MishapSpec } from '../../src/lab/scenario/server-spec.ts';
import type { Dice } from './dice.ts';

export interface MishapFeed {
  /** For `ServerSpec.mishaps`. */
  readonly specs: readonly MishapSpec[];
  /** From request `afterRequest` + 1 on. */
  arm(stage: number, afterRequest: number): void;
  disarm(): void;
}

/** How many requests of one stage can meet a mishap. */
const reach = 120;

/** WSManFault codes: timed out, shell gone, quota, aborted, access denied, internal (wsman.md section 2.12). */
const faults = [2150858793, 2150858843, 2150859174, 995, 5, 2150858770];
const statuses = [400, 401, 404, 413, 500, 503];

/** `probability` of a mishap per request; `stages`: how often it may be armed, each time with new mishaps. */
export function feedMishaps(dice: Dice, probability: number, stages: number): MishapFeed {
  const armed = { stage: 0, after: Number.POSITIVE_INFINITY };
  const specs: MishapSpec[] = [];
  for (let stage = 1; stage <= stages; stage += 1) {
    for (let n = 1; n <= reach; n += 1) {
      if (!dice.chance(probability)) continue;
      const trigger: MishapSpec['on'] = {
        operation: 'any',
        nth: null,
        line: null,
        get request() {
          return armed.stage === stage ? armed.after + n : -1;
        },
      };
      specs.push({ on: trigger, act: throwAct(dice), times: 1 });
    }
  }
  return {
    specs,
    arm(stage, afterRequest) {
      armed.stage = stage;
      armed.after = afterRequest;
    },
    disarm() {
      armed.stage = 0;
    },
  };
}

function throwAct(dice: Dice): MishapAct {
  const kind = dice.pick([
    ...(['drop-before', 'drop-after', 'half-answer', 'drop-before', 'drop-after', 'half-answer', 'refuse'] as const),
    ...(['delay', 'fault', 'status', 'hang'] as const),
  ]);
  switch (kind) {
    case 'delay':
      return { kind, delayMs: dice.between(1, 40) };
    case 'fault':
      return { kind, code: dice.pick(faults) };
    case 'status':
      return { kind, status: dice.pick(statuses) };
    default:
      return { kind };
  }
}
