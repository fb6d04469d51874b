// What can go wrong in a night, as plain data: a night is its seed and this list, so that it can be replayed, printed and made smaller.
// It says when and what; play.ts, world.ts and disk.ts do it.
import type { Dice } from '../chaos/dice.ts';

/** At the n-th request of a life: of the wire, of the process, of somebody else on that server. */
export const requestMishaps = [
  'refused',
  'lost-before',
  'lost-after',
  'half-answer',
  'asked-twice',
  'delay',
  'die-before',
  'die-after',
  'interrupt',
  'abort',
  'stranger',
  'reboot',
  'clock-jump',
  'operator',
  'same-state',
  'rights-lost',
  'operator-beside',
] as const;

/** At the n-th change that a life sends: somebody else changes just what it is about, or its answer is none. */
export const changeMishaps = ['rival-before', 'rival-after', 'rival-reverts', 'refused-change', 'half-change'] as const;

/** Those that a usual night may have anywhere; to draw from more of them would be other nights of the same seeds. */
const usualOfChanges = ['rival-before', 'rival-after', 'refused-change', 'half-change'] as const;

/** At the n-th write to the journal: of the disk, or of the process with what the disk makes of it. */
export const writeMishaps = ['die-unwritten', 'die-torn', 'die-unsynced', 'die-synced', 'full', 'read-only'] as const;

/**
 * Of a life as a whole: the n-th call of its listener throws, or its pipe is closed from then on; the n-th host is locked by somebody with
 * the same state, is reached otherwise by the inventory, or was changed since by somebody else; a deadline comes.
 */
export const lifeMishaps = [
  'listener-throws',
  'listener-rejects',
  'pipe-closes',
  'locked',
  'edited-inventory',
  'changed-since',
  'deadline',
] as const;

/** Of a life as a whole, in wide nights: its rollback is limited to the n-th host; the n-th has started again since the life before. */
const wideMishaps = ['limited', 'restarted-since'] as const;

export interface Mishap {
  /** 0: the apply; 1, 2, ...: what follows it. */
  readonly life: number;
  readonly n: number;
  readonly what:
    | (typeof requestMishaps)[number]
    | (typeof changeMishaps)[number]
    | (typeof writeMishaps)[number]
    | (typeof lifeMishaps)[number]
    | (typeof wideMishaps)[number];
  /** From 0 to below 1: which one, how long, how much. */
  readonly detail: number;
}

/** Whose work it is that is undone is the hardest question, so somebody else comes more often than the rest. */
const oftenStrangers = [...requestMishaps, 'stranger', 'stranger'] as const;

/** What decides most about whose a change is, and would meet the few commands that it is about in one of thousands of nights. */
const oftenMissed = ['changed-since', 'rival-after', 'rival-after', 'half-change', 'half-change'] as const;

/**
 * Of a night that is rolled back at once while a rival is at work: what the rollback has just done he undoes, so that its next step finds it as
 * the run had left it, and it is his. The apply goes its way without mishaps, or nothing would be left to roll back.
 */
export function drawContested(dice: Dice): readonly Mishap[] {
  return [{ life: 1, n: dice.between(1, 4), what: 'rival-reverts', detail: dice.roll() }];
}

/** What leaves something for the next command to do. */
const breakingOff = ['lost-before', 'lost-after', 'die-before', 'die-after', 'half-answer', 'rights-lost'] as const;
const rivalDeeds = ['rival-reverts', 'rival-before', 'rival-after', 'changed-since'] as const;

/**
 * Of a long night, in which several commands follow one another: as usual, and more often a command breaks off, or a rival
 * reverts what it has just done.
 */
export function drawLong(dice: Dice, hosts: number, lives: number): readonly Mishap[] {
  const usual = drawMishaps(dice, hosts, lives);
  const rival = dice.fork('rival');
  const later = Array.from({ length: lives - 1 }, (_, index) => index + 1);
  return [
    ...usual,
    ...later.flatMap((life): readonly Mishap[] => {
      const unfinished = { life, n: rival.between(3, 9), what: rival.pick(breakingOff), detail: rival.roll() };
      const rivals = { life, n: rival.between(1, 4), what: rival.pick(rivalDeeds), detail: rival.roll() };
      return [...(rival.chance(0.5) ? [unfinished] : []), ...(rival.chance(0.25) ? [rivals] : [])];
    }),
  ];
}

/** Of a wide night, a long one in which servers start again between the commands, and rollbacks are limited to a host. */
export function drawWide(dice: Dice, hosts: number, lives: number): readonly Mishap[] {
  const wide = dice.fork('wide');
  const later = Array.from({ length: lives - 1 }, (_, index) => index + 1);
  const more = later.flatMap((life) => {
    const what = wide.pick(wideMishaps);
    return wide.chance(0.4) ? [{ life, n: wide.between(0, hosts - 1), what, detail: wide.roll() }] : [];
  });
  return [...drawLong(dice, hosts, lives), ...more];
}

/** `lives`: how many may meet a mishap. */
export function drawMishaps(dice: Dice, hosts: number, lives: number): readonly Mishap[] {
  const usual = drawUsual(dice, hosts, lives);
  const rare = dice.fork('rare');
  if (!rare.chance(0.5)) return usual;
  const what = rare.pick(oftenMissed);
  // Behind the apply there is something of the run's that others can change.
  const first = what === 'half-change' ? 0 : 1;
  if (first >= lives) return usual;
  return [...usual, { life: rare.between(first, lives - 1), n: rare.between(1, 3), what, detail: rare.roll() }];
}

function drawUsual(dice: Dice, hosts: number, lives: number): readonly Mishap[] {
  return Array.from({ length: lives }, (_, life) => {
    const some = dice.pick([0, 1, 1, 2, 2, 3, 4, 6]);
    return Array.from({ length: some }, (): Mishap => {
      const kind = dice.roll();
      if (kind < 0.2) {
        return { life, n: dice.between(1, 5 * hosts), what: dice.pick(usualOfChanges), detail: dice.roll() };
      }
      if (kind < 0.7) {
        return { life, n: dice.between(1, 12 * hosts), what: dice.pick(oftenStrangers), detail: dice.roll() };
      }
      if (kind < 0.9) {
        return { life, n: dice.between(1, 16 * hosts), what: dice.pick(writeMishaps), detail: dice.roll() };
      }
      return { life, n: dice.between(1, hosts * 3), what: dice.pick(lifeMishaps), detail: dice.roll() };
    });
  }).flat();
}
