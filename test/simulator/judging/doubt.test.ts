import { expect, test } from 'vitest';
import type { RunEvent } from '../../../src/model/outcome.ts';
import type { Step } from '../../../src/model/plan.ts';
import { portRange } from '../../../src/model/port-range.ts';
import { createDoubts, noteAnswer, noteLook, noteMissingAnswer, noteOther, type Doubts } from './doubt.ts';

const subject = 'tcp 9933-9933';
const step = { kind: 'exclusion', number: 3, protocol: 'tcp', range: portRange(9933) } as unknown as Step;
const seen = { type: 'step-finished', host: 'ex01', step: 3, look: { kind: 'exclusion' } } as unknown as RunEvent;

const missing = (doubts: Doubts): void => {
  noteMissingAnswer(doubts, subject);
};
const other = (doubts: Doubts): void => {
  noteOther(doubts, subject);
};
const otherElsewhere = (doubts: Doubts): void => {
  noteOther(doubts, 'udp 9933-9933');
};
const look = (doubts: Doubts): void => {
  noteAnswer(doubts);
  noteLook(doubts, seen, [step]);
};
const lookBeforeHim = (doubts: Doubts): void => {
  noteLook(doubts, seen, [step]);
};

test.each([
  ['somebody else behind a lost command', [missing, other], true],
  ['a lost command behind somebody else whom nobody saw', [other, missing], true],
  ['a look between a lost command and somebody else', [missing, look, other], false],
  ['a look between somebody else and a lost command', [other, look, missing], false],
  ['a look of before somebody else that is told behind him', [other, lookBeforeHim, missing], true],
  ['a look behind both, which came too late', [missing, other, look], true],
  ['a lost command, and somebody else with another range', [missing, otherElsewhere], false],
  ['somebody else alone', [other], false],
] as const)('%s', (_, happenings, isMurky) => {
  const doubts = createDoubts();
  for (const happen of happenings) happen(doubts);
  expect(doubts.murky.has(subject)).toBe(isMurky);
});
