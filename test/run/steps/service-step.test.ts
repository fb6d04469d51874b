// Stopping and starting a service: what counts is what the service manager and netstat say afterwards.
import { describe, expect, test } from 'vitest';
import type { Quirks } from '../../../src/lab/machine/quirks.ts';
import type { ServerSpec } from '../../../src/lab/scenario/server-spec.ts';
import { findService, stopService } from '../../../src/lab/machine/service-control.ts';
import { families, type Family } from '../../../src/model/host-state.ts';
import type { Direction } from '../../../src/model/outcome.ts';
import type { Certainty } from '../../../src/model/rules/claims.ts';
import { createOwnership } from '../../../src/model/rules/ownership.ts';
import type { ServiceStep } from '../../../src/model/plan.ts';
import { createRecorder, tellOwnership } from '../../../src/run/recorder.ts';
import { runStep } from '../../../src/run/steps/step.ts';
import { startService, stopService as stopLine } from '../../../src/windows/services.ts';
import { hostStarted } from '../../journal/events.ts';
import { memoryClock } from '../../support/memory-clock.ts';
import { lost, memoryFleet, memoryMachine, type MemoryRequest, type Trouble } from '../../support/memory-fleet.ts';
import { memoryJournal } from '../../support/memory-journal.ts';
import { memoryListener } from '../../support/memory-seams.ts';

const service = 'MSExchangeIMAP4BE';

function stepOf(verb: 'stop' | 'start', on: readonly Family[] = families): ServiceStep {
  return {
    kind: 'service',
    number: 1,
    undoes: false,
    ranges: [],
    sentence: `${verb} ${service}`,
    service,
    verb,
    listensOn: on.map((family) => ({ family, port: 9933 })),
    line: verb === 'stop' ? stopLine(service) : startService(service),
    undo: verb === 'stop' ? startService(service) : null,
  };
}

interface Given {
  readonly verb: 'stop' | 'start';
  readonly direction?: Direction;
  readonly spec?: Partial<Omit<ServerSpec, 'quirks' | 'name'>>;
  readonly quirks?: Partial<Quirks>;
  readonly trouble?: (request: MemoryRequest) => Trouble | null;
  /** Where it listened before. */
  readonly on?: readonly Family[];
  /** Whose the stop is that is undone. Default: surely the run's. */
  readonly claim?: Certainty;
  readonly begin?: (machine: ReturnType<typeof memoryMachine>) => void;
}

async function run({ verb, direction = 'do', spec, quirks, trouble, begin, claim = 'sure', on }: Given) {
  const machine = memoryMachine('ex01', spec, quirks);
  begin?.(machine);
  const fleet = memoryFleet([machine], trouble === undefined ? {} : { trouble });
  const [target] = fleet.targets;
  if (target === undefined) throw new Error('no target');
  const session = await fleet.connector.connect(target);
  const journal = memoryJournal();
  const clock = memoryClock();
  // An undo is of what the run itself stopped before.
  const mine = { up: { seen: false, claim: { before: true, certainty: claim } } };
  const ownership = createOwnership(direction === 'undo' ? [{ step: stepOf(verb), ownership: mine }] : []);
  ownership.event(hostStarted('ex01', [stepOf(verb)]));
  const outcome = await runStep(stepOf(verb, on), direction, {
    host: 'ex01',
    session,
    recorder: tellOwnership(createRecorder(journal, memoryListener(), clock), ownership),
    ownership,
    clock,
    signal: new AbortController().signal,
    view: { tables: null },
    protocols: ['tcp'],
    serviceMs: 30_000,
  });
  const changes = fleet.requests.filter((one) => one.kind === 'change').length;
  const listens = machine.sockets.filter((one) => one.localPort === 9933).map((one) => one.family);
  return { outcome, changes, clock, journal, listens, now: findService(machine, service)?.state };
}

describe('a service step', () => {
  test.each<{
    readonly name: string;
    readonly given: Given;
    readonly result: string;
    readonly changes: number;
    readonly now: string;
  }>([
    { name: 'stops', given: { verb: 'stop', spec: { imap: 'running' } }, result: 'done', changes: 1, now: 'stopped' },
    {
      name: 'stops slowly',
      given: { verb: 'stop', spec: { imap: 'running' }, quirks: { pendingQueries: 9 } },
      result: 'done',
      changes: 1,
      now: 'stopped',
    },
    { name: 'is stopped already', given: { verb: 'stop' }, result: 'not-needed', changes: 0, now: 'stopped' },
    { name: 'starts', given: { verb: 'start' }, result: 'done', changes: 1, now: 'running' },
    {
      name: 'starts slowly',
      given: { verb: 'start', quirks: { pendingQueries: 9 } },
      result: 'done',
      changes: 1,
      now: 'running',
    },
    {
      name: 'starts, and binds the second family some seconds later',
      given: { verb: 'start', quirks: { ipv4OnlyQueries: 20 } },
      result: 'done',
      changes: 1,
      now: 'running',
    },
    {
      name: 'runs, and never binds the second family',
      given: { verb: 'start', quirks: { ipv4OnlyQueries: 1000 } },
      result: 'failed',
      changes: 1,
      now: 'running',
    },
    {
      name: 'taking back a stop starts it, and binds the second family some seconds later',
      given: { verb: 'stop', direction: 'undo', quirks: { ipv4OnlyQueries: 20 } },
      result: 'done',
      changes: 1,
      now: 'running',
    },
    {
      name: 'runs already',
      given: { verb: 'start', spec: { imap: 'running' } },
      result: 'not-needed',
      changes: 0,
      now: 'running',
    },
    {
      name: 'never comes up',
      given: { verb: 'start', quirks: { scStartFails: service } },
      result: 'failed',
      changes: 1,
      now: 'stopped',
    },
    {
      name: 'takes longer than it may',
      given: { verb: 'start', quirks: { pendingQueries: 500 } },
      result: 'failed',
      changes: 1,
      now: 'start-pending',
    },
    {
      name: 'runs, but on another port',
      given: { verb: 'start', spec: { imapPort: 1993 } },
      result: 'failed',
      changes: 1,
      now: 'running',
    },
    {
      name: 'taking back a stop starts it',
      given: { verb: 'stop', direction: 'undo' },
      result: 'done',
      changes: 1,
      now: 'running',
    },
    {
      name: 'taking back a start does nothing',
      given: { verb: 'start', direction: 'undo', spec: { imap: 'running' } },
      result: 'not-needed',
      changes: 0,
      now: 'running',
    },
  ])('$name', async ({ given, result, changes, now }) => {
    const ran = await run(given);
    expect([ran.outcome.result, ran.changes, ran.now]).toEqual([result, changes, now]);
    expect(ran.outcome.failure === null).toBe(result === 'done' || result === 'not-needed');
    expect(ran.outcome.sent).toBe(changes > 0);
    // Nothing is done while one of the two sockets is missing, whatever the step says.
    const bound = families.filter((family) => ran.listens.includes(family));
    if (now === 'running' && result === 'done') expect(bound).toEqual(families);
  });

  test('that has bound one family only is not called done, and the failure names the other', async () => {
    const { outcome } = await run({ verb: 'start', quirks: { ipv4OnlyQueries: 1000 } });
    expect(outcome.failure?.message).toContain('MSExchangeIMAP4BE runs but does not listen on 9933 on ipv6');
    expect(outcome.state).toMatchObject({ state: 'running', listensOn: [{ family: 'ipv4', port: 9933 }] });
  });

  test('is asked for what it listened on before: one family is enough where it was one', async () => {
    const { outcome, listens } = await run({ verb: 'start', quirks: { ipv4OnlyQueries: 1000 }, on: ['ipv4'] });
    expect([outcome.result, listens]).toEqual(['done', ['ipv4']]);
  });

  test.each<{
    readonly name: string;
    readonly given: Given;
    readonly changes: number;
    readonly code: string;
    readonly message: RegExp;
    readonly hint: RegExp;
    readonly now: string;
  }>([
    {
      name: 'a stop, because others depend on it',
      given: { verb: 'stop', spec: { imap: 'running' }, quirks: { refuseStop: 'dependents' } },
      changes: 1,
      code: 'step/refused',
      message: /refused "sc stop MSExchangeIMAP4BE" \(1051: other running services depend on it\).*running, as before/,
      hint: /sc enumdepend MSExchangeIMAP4BE/,
      now: 'running',
    },
    {
      name: 'a stop, because it has none',
      given: { verb: 'stop', spec: { imap: 'running' }, quirks: { refuseStop: 'not-stoppable' } },
      changes: 1,
      code: 'step/refused',
      message: /1052/,
      hint: /sc queryex/,
      now: 'running',
    },
    {
      name: 'a stop, twice, because it accepts none now',
      given: { verb: 'stop', spec: { imap: 'running' }, quirks: { refuseStop: 'busy' } },
      changes: 2,
      code: 'step/refused',
      message: /1061/,
      hint: /plan again/,
      now: 'running',
    },
    {
      name: 'a start, because its account cannot log on',
      given: { verb: 'stop', direction: 'undo', quirks: { refuseStart: 'logon' } },
      changes: 1,
      code: 'step/refused',
      message: /refused "sc start MSExchangeIMAP4BE" \(1069.*stopped, as before/,
      hint: /sc start MSExchangeIMAP4BE$/,
      now: 'stopped',
    },
    {
      name: 'a start, because what it depends on does not start',
      given: { verb: 'start', quirks: { refuseStart: 'dependency' } },
      changes: 1,
      code: 'step/refused',
      message: /1068/,
      hint: /sc start MSExchangeIMAP4BE$/,
      now: 'stopped',
    },
    {
      name: 'nothing, and the process ends',
      given: { verb: 'start', quirks: { scStartFails: service } },
      changes: 1,
      code: 'step/no-effect',
      message: /is stopped; it ended with WIN32_EXIT_CODE 1067: its process ended unexpectedly \(SERVICE_EXIT_CODE 0\)/,
      hint: /sc start MSExchangeIMAP4BE$/,
      now: 'stopped',
    },
    {
      name: 'nothing, and it ends with a code of its own',
      given: { verb: 'start', quirks: { scStartFails: service, scStartExitCode: 10048 } },
      changes: 1,
      code: 'step/no-effect',
      // The state that sc prints is the one of the moment in which it accepted, and no reason.
      message:
        /^Windows accepted "sc start MSExchangeIMAP4BE", but afterwards MSExchangeIMAP4BE is stopped; it ended with exit code 10048 of its own \(SERVICE_EXIT_CODE; WIN32_EXIT_CODE 1066\)$/,
      hint: /sc start MSExchangeIMAP4BE$/,
      now: 'stopped',
    },
  ])('Windows refuses $name: over within seconds, with the reason and the fix', async (one) => {
    const { outcome, changes, clock, now, journal } = await run(one.given);
    expect([outcome.result, changes, now]).toEqual(['failed', one.changes, one.now]);
    expect(outcome.failure).toMatchObject({
      code: one.code,
      message: expect.stringMatching(one.message) as string,
      hint: expect.stringMatching(one.hint) as string,
    });
    expect(clock.elapsedMs()).toBeLessThan(6000);
    expect(journal.events.filter((event) => event.type === 'command-planned')).toHaveLength(one.changes);
  });

  test('a stop that is refused once for a moment is given once more', async () => {
    const { outcome, changes, now } = await run({
      verb: 'stop',
      spec: { imap: 'running' },
      quirks: { refuseStop: 'busy-once' },
    });
    expect([outcome.result, changes, now]).toEqual(['done', 2, 'stopped']);
  });

  test('does not start a service again that may be stopped by somebody else, and says so', async () => {
    const { outcome, changes, now } = await run({ verb: 'stop', direction: 'undo', claim: 'disputed' });
    expect([outcome.result, outcome.failure?.code, changes, now]).toEqual(['failed', 'step/disputed', 0, 'stopped']);
  });

  test('waits for a service that is still stopping before it starts it again', async () => {
    const { outcome, now, changes } = await run({
      verb: 'stop',
      direction: 'undo',
      spec: { imap: 'running' },
      quirks: { pendingQueries: 6 },
      begin(machine) {
        const found = findService(machine, service);
        if (found !== undefined) stopService(machine, found);
      },
    });
    expect([outcome.result, now, changes]).toEqual(['done', 'running', 1]);
  });

  test.each(['before', 'after'] as const)('an answer lost %s the command ran is settled by asking', async (at) => {
    const { outcome, changes, journal, now } = await run({
      verb: 'start',
      trouble: ({ kind }) => (kind === 'change' ? { at, failure: lost('unknown') } : null),
    });
    expect([outcome.result, now]).toEqual(at === 'after' ? ['done', 'running'] : ['failed', 'stopped']);
    expect(changes).toBe(1);
    expect(journal.events.map((one) => one.type)).toEqual(['command-planned', 'command-lost', 'step-finished']);
  });

  test('a command that surely never ran is failed, and the host is not asked', async () => {
    const { outcome, journal } = await run({
      verb: 'start',
      trouble: ({ kind }) => (kind === 'change' ? { at: 'before', failure: lost('none') } : null),
    });
    expect([outcome.result, outcome.state]).toMatchObject(['failed', { state: 'stopped' }]);
    expect(journal.events.map((one) => one.type)).toEqual(['command-planned', 'command-lost', 'step-finished']);
  });

  test('lost, and the host cannot be asked: in doubt', async () => {
    const { outcome } = await run({
      verb: 'start',
      trouble: ({ kind, ofKind }) => {
        if (kind === 'change') return { at: 'after', failure: lost('unknown') };
        return kind === 'ask' && ofKind > 1 ? { at: 'before', failure: lost('none') } : null;
      },
    });
    expect([outcome.result, outcome.state, outcome.failure?.code]).toEqual(['in-doubt', null, 'connect/lost']);
  });
});
