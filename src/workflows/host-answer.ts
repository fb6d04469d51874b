// A host's facts as a plan takes them: cut down to what concerns it, with the fingerprint of what it rests on.
import { fingerprintFacts } from '../facts/fingerprint.ts';
import { selectRelevantFacts } from '../facts/relevant-facts.ts';
import type { HostFacts } from '../model/facts.ts';
import type { Wanted } from '../model/wanted.ts';
import type { HostAnswer } from '../plan/make-plan.ts';

export function answerOf(facts: HostFacts, wanted: Wanted): HostAnswer {
  return { facts: selectRelevantFacts(facts, wanted), fingerprint: fingerprintFacts(facts, wanted) };
}
