// What became of a step, in words and in tone, for every report that names steps.
import type { StepView } from './fleet-view.ts';
import type { Tone } from './human-words.ts';

const words: Readonly<Record<StepView['result'], readonly [string, Tone]>> = {
  done: ['done', 'good'],
  'not-needed': ['done already', 'good'],
  failed: ['failed', 'bad'],
  'in-doubt': ['in doubt', 'bad'],
  open: ['open: no answer in the journal', 'bad'],
  planned: ['planned', 'todo'],
  'not-run': ['not run', 'idle'],
};

export function stepWords({ result, takenBack }: Pick<StepView, 'result' | 'takenBack'>): {
  readonly words: string;
  readonly tone: Tone;
} {
  if (takenBack && result === 'failed') return { words: 'failed, nothing of it left behind', tone: 'bad' };
  if (takenBack) return { words: 'taken back', tone: 'warn' };
  const [told, tone] = words[result];
  return { words: told, tone };
}
