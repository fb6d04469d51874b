// What is told of a run: the right notes at the right events, a handful whatever the fleet, and nothing of what hosts printed.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noteForm } from '../../../src/forms/note-forms.ts';
import { makeNote, noteLimits, type Note } from '../../../src/model/notifications/note.ts';
import { verdicts, type EventOf, type RunEvent, type Verdict } from '../../../src/model/outcome.ts';
import { createRunNarrator } from '../../../src/workflows/notify/run-notes.ts';
import { anyCharacter } from '../../support/any-character.ts';

const start = Date.parse('2026-12-05T22:00:00.000Z');
const at = (seconds: number): string => new Date(start + seconds * 1000).toISOString();

function started(hosts: readonly string[], seconds = 0): EventOf<'run-started'> {
  return {
    at: at(seconds),
    type: 'run-started',
    run: '20261205-220000-000abc',
    kind: 'apply',
    of: null,
    operator: { user: 'operator', machine: 'jump01', processId: 1, toolVersion: '0' },
    plan: { digest: 'd', file: null },
    playbook: { name: 'Reserve the ports', file: 'p.yml', sha256: 's' },
    inventory: { files: ['fleet.yml'], sha256: 's' },
    onFailure: 'rollback_host',
    hosts: hosts.map((host) => ({ host, state: 'changes' })),
  };
}

const secretOutput = 'S3CR3T printed by Windows';
function finishedHost(host: string, verdict: Verdict, seconds = 1): EventOf<'host-finished'> {
  const failure = { code: 'step/no-effect', message: secretOutput, where: host, hint: null } as const;
  return { at: at(seconds), type: 'host-finished', host, verdict, detail: secretOutput, failure, findings: [] };
}

function finishedRun(events: readonly RunEvent[], seconds = 60): EventOf<'run-finished'> {
  const counts: Partial<Record<Verdict, number>> = {};
  for (const one of events) if (one.type === 'host-finished') counts[one.verdict] = (counts[one.verdict] ?? 0) + 1;
  return { at: at(seconds), type: 'run-finished', counts };
}

const guard = (host: string, state: 'armed' | 'called-off', by: 'person' | 'run', seconds = 2): EventOf<'guard'> => {
  return { at: at(seconds), type: 'guard', host, state, task: 't', withinMs: 900_000, by };
};

function tell(events: readonly RunEvent[]): readonly Note[] {
  const narrator = createRunNarrator('operator@jump01', null);
  return events.flatMap((event) => narrator.event(event));
}
const withEnd = (events: readonly RunEvent[]): readonly RunEvent[] => [...events, finishedRun(events)];
const namesOf = (notes: readonly Note[]): readonly string[] =>
  notes.map(({ event, severity }) => `${event} ${severity}`);

describe('a run', () => {
  test('that goes well is told at its start and at its end', () => {
    const notes = tell(
      withEnd([started(['ex01', 'ex02']), finishedHost('ex01', 'changed'), finishedHost('ex02', 'unchanged')]),
    );
    expect(namesOf(notes)).toEqual(['run-started info', 'run-finished info']);
    expect(notes[0]).toMatchObject({
      title: 'Apply started: 2 hosts to change',
      run: '20261205-220000-000abc',
      from: 'operator@jump01',
      facts: ['playbook: Reserve the ports', 'hosts: ex01, ex02'],
      next: 'fencepost status 20261205-220000-000abc',
    });
    expect(notes[1]).toMatchObject({
      title: 'Apply finished: 2 hosts as planned',
      facts: ['changed: 1 host (ex01)', 'unchanged: 1 host (ex02)'],
    });
  });

  test.each([
    ['in-doubt', ['run-started info', 'in-doubt alarm', 'run-finished alarm']],
    ['failed-partial', ['run-started info', 'in-doubt alarm', 'run-finished alarm']],
    ['failed-rolled-back', ['run-started info', 'run-finished warning']],
    ['unreachable', ['run-started info', 'run-finished warning']],
    ['skipped', ['run-started info', 'run-finished warning']],
  ] as const)('with one host %s', (verdict, names) => {
    const notes = tell(
      withEnd([started(['ex01', 'ex02']), finishedHost('ex01', verdict), finishedHost('ex02', 'changed')]),
    );
    expect(namesOf(notes)).toEqual(names);
    expect(notes.at(-1)).toMatchObject({
      title: 'Apply finished: 1 of 2 hosts not as planned',
      next: 'fencepost status 20261205-220000-000abc',
    });
  });

  test('with many hosts in doubt: the first at once, all together at the end', () => {
    const hosts = Array.from({ length: 30 }, (_, index) => `ex${String(index + 1)}`);
    const notes = tell(withEnd([started(hosts), ...hosts.map((host) => finishedHost(host, 'in-doubt'))]));
    expect(namesOf(notes)).toEqual(['run-started info', 'in-doubt alarm', 'in-doubt alarm', 'run-finished alarm']);
    expect(notes[1]?.facts).toEqual(['ex1: in-doubt']);
    expect(notes[2]?.title).toMatch(/^30 hosts half changed or in doubt/);
  });

  test('that stops says so once, with the reason', () => {
    const narrator = createRunNarrator('operator@jump01', null);
    narrator.event(started(['ex01']));
    const notes = [
      ...narrator.interrupted(at(1)),
      ...narrator.event({ at: at(2), type: 'run-stopping', reason: 'the window closes' }),
    ];
    expect(notes.map((one) => one.title)).toEqual(['Apply is stopping: interrupted']);
    const other = createRunNarrator('operator@jump01', null);
    other.event(started(['ex01']));
    expect(other.event({ at: at(2), type: 'run-stopping', reason: 'the window closes' })[0]?.title).toBe(
      'Apply is stopping: the window closes',
    );
  });

  test('an interrupt before it starts or after it finished is no news of the run', () => {
    const narrator = createRunNarrator('operator@jump01', null);
    expect(narrator.interrupted(at(0))).toEqual([]);
    for (const event of withEnd([started(['ex01']), finishedHost('ex01', 'changed')])) narrator.event(event);
    expect(narrator.interrupted(at(99))).toEqual([]);
  });

  test('whose guards wait for a person names the command and the first deadline', () => {
    const notes = tell(
      withEnd([
        started(['ex01', 'ex02', 'ex03']),
        guard('ex01', 'armed', 'person', 5),
        guard('ex02', 'armed', 'person', 2),
        guard('ex03', 'armed', 'run'),
        guard('ex02', 'called-off', 'person', 9),
      ]),
    );
    expect(notes.at(-1)).toMatchObject({
      event: 'confirm-needed',
      title: `Confirm by ${at(905)}, or 1 host will undo the change`,
      facts: ['hosts: ex01'],
      next: 'fencepost confirm 20261205-220000-000abc -i fleet.yml',
    });
  });

  test('that is resumed is told by the name that the command knows', () => {
    const known = { run: '20261205-220000-000abc', kind: 'apply', flags: '' } as const;
    const narrator = createRunNarrator('operator@jump01', known);
    const { operator } = started([]);
    const [note] = narrator.event({ at: at(100), type: 'run-resumed', operator });
    expect(note).toMatchObject({ title: 'Apply resumed', run: known.run });
    expect(narrator.unfinished()).toEqual({ run: known.run, lastAt: at(100) });
    // The counts of the whole run, although only one host was told here.
    narrator.event(finishedHost('ex02', 'changed', 101));
    const [end] = narrator.event({ at: at(110), type: 'run-finished', counts: { changed: 5 } });
    expect(end).toMatchObject({ title: 'Apply finished: 5 hosts as planned', facts: ['changed: 5 hosts'] });
    expect(narrator.unfinished()).toBeNull();
  });
});

describe('whatever happens', () => {
  const hosts = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 300, unit: anyCharacter }), { maxLength: 60 });
  const scene = hosts.chain((names) =>
    fc.record({
      names: fc.constant(names),
      ends: fc.array(fc.constantFrom(...verdicts), { minLength: names.length, maxLength: names.length }),
      reason: fc.option(fc.string({ unit: anyCharacter, maxLength: 5000 })),
    }),
  );

  test('notes are few, small, one line each, of the form, and hold nothing that a host printed', () => {
    fc.assert(
      fc.property(scene, ({ names, ends, reason }) => {
        const finished = names.map((host, index) => finishedHost(host, ends[index] ?? 'changed', index + 1));
        const stop: readonly RunEvent[] = reason === null ? [] : [{ at: at(50), type: 'run-stopping', reason }];
        const notes = tell(withEnd([started(names), ...finished, ...stop]));
        expect(notes.length).toBeLessThanOrEqual(6);
        expect(new Set(notes.map((one) => one.key)).size).toBe(notes.length);
        for (const note of notes) {
          expect(noteForm.safeParse(note).success).toBe(true);
          const text = JSON.stringify(note);
          expect(text.length).toBeLessThan(12_000);
          expect(text).not.toContain(secretOutput);
          expect([note.title, note.meaning, note.next ?? '', ...note.facts].join('')).not.toMatch(
            /[\p{Cc}\p{Bidi_Control}]/u,
          );
        }
      }),
    );
  });

  test('a command that is too long to be shown whole is left out', () => {
    const [base] = tell([started(['ex01'])]);
    if (base === undefined) throw new Error('no note');
    expect(makeNote({ ...base, next: 'x'.repeat(noteLimits.next + 1) }).next).toBeNull();
  });
});
