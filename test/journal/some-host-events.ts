// Any events of one host, in any order: what a journal holds when nobody promises that it makes sense. Its steps are a range on both families and a
// service that is stopped and started, twice as a resumed run numbers them.
import fc from 'fast-check';
import type { CommandGoal, RunEvent, StepLook, StepState } from '../../src/model/outcome.ts';
import type { Step } from '../../src/model/plan.ts';
import { at, exclusionStep, hostStarted, serviceStep } from './events.ts';

const listings: readonly (readonly Step[])[] = [
  [serviceStep(1, 'stop'), exclusionStep(2, 'ipv4'), exclusionStep(3, 'ipv6'), serviceStep(4, 'start')],
  [exclusionStep(1, 'ipv6'), serviceStep(2, 'stop'), exclusionStep(3, 'ipv4', 9955), serviceStep(4, 'start')],
];
/** The steps of `someHostEvents`, each once. */
export const stepsOfHost: readonly Step[] = listings.flat();

const presence = fc.oneof(
  fc.constant(null),
  fc.record({ active: fc.boolean(), persistent: fc.constantFrom(true, false, 'not-shown' as const) }),
);
/** Where nothing shows what is permanent, Windows' word is all there is. */
const hidden = { active: true, persistent: 'not-shown' } as const;
const look: fc.Arbitrary<StepLook | null> = fc.oneof(
  fc.constant(null),
  fc.constant({ kind: 'exclusion' as const, presence: { ipv4: hidden, ipv6: hidden } }),
  fc.record({ kind: fc.constant('exclusion' as const), presence: fc.record({ ipv4: presence, ipv6: presence }) }),
  fc.record({
    kind: fc.constant('service' as const),
    state: fc.constantFrom('running' as const, 'stopped' as const, 'stop-pending' as const),
  }),
);
const state: fc.Arbitrary<StepState | null> = fc.constantFrom(
  null,
  { kind: 'exclusion', presence: { active: true, persistent: true } },
  { kind: 'service', state: 'running', listensOn: [] },
);
const goal: fc.Arbitrary<CommandGoal> = fc.oneof(
  fc.record({
    kind: fc.constant('exclusion' as const),
    store: fc.constantFrom('active' as const, 'persistent' as const),
    present: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('service' as const), running: fc.boolean() }),
);
const failure = { code: 'connect/lost', message: 'gone', where: null, hint: null } as const;
const about = (host: string) => ({
  at: fc.constant(at),
  host: fc.constant(host),
  step: fc.integer({ min: 1, max: 5 }),
  direction: fc.constantFrom('do' as const, 'undo' as const),
});

function someHostEvent(host: string): fc.Arbitrary<RunEvent> {
  const step = about(host);
  return fc.oneof(
    fc.constantFrom(...listings.map((steps) => hostStarted(host, steps))),
    fc.record({
      ...step,
      type: fc.constant('command-planned' as const),
      line: fc.constant('a line'),
      goal,
      before: look,
      outage: fc.constantFrom(undefined, {
        boundMs: 60_000,
        then: [
          { step: 2, before: null },
          { step: 4, before: null },
        ],
      }),
    }),
    fc.record({
      ...step,
      type: fc.constant('command-finished' as const),
      exitCode: fc.constantFrom(0, 1),
      text: fc.constant(''),
      state,
      before: look,
      after: look,
    }),
    fc.record({
      ...step,
      type: fc.constant('command-lost' as const),
      effect: fc.constantFrom('none' as const, 'unknown' as const),
      failure: fc.constant(failure),
    }),
    fc.record({
      ...step,
      type: fc.constant('step-finished' as const),
      result: fc.constantFrom('done' as const, 'not-needed' as const, 'failed' as const, 'in-doubt' as const),
      state,
      look,
      changedByOtherFamily: fc.boolean(),
      failure: fc.constant(null),
    }),
    fc.record({
      at: step.at,
      host: step.host,
      type: fc.constant('guard' as const),
      state: fc.constantFrom('armed' as const, 'gone' as const, 'fired' as const),
      task: fc.constant('\\Fencepost\\a-run'),
      withinMs: fc.constant(60_000),
      by: fc.constant('person' as const),
    }),
    fc.record({
      at: step.at,
      host: step.host,
      type: fc.constant('host-finished' as const),
      verdict: fc.constantFrom('changed' as const, 'in-doubt' as const),
      detail: fc.constant('as told'),
      failure: fc.constant(null),
      findings: fc.constant([]),
    }),
  );
}

/** The first starts the host. */
export function someHostEvents(host: string): fc.Arbitrary<readonly RunEvent[]> {
  const [first = []] = listings;
  return fc
    .array(someHostEvent(host), { maxLength: 30, size: 'max' })
    .map((events) => [hostStarted(host, first), ...events]);
}
