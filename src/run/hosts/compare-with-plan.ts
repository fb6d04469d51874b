// Whether a host is still as its plan found it, and if not, what differs; or what could not be read, which is another thing. Pure.
import { describeDifferences, findNewGaps } from '../../facts/differences.ts';
import { fingerprintFacts } from '../../facts/fingerprint.ts';
import type { HostFacts } from '../../model/facts.ts';
import { Failure } from '../../model/failure.ts';
import type { HostPlan } from '../../model/plan.ts';
import { describeGuards, findOtherGuards } from '../../model/rules/left-guards.ts';
import { explainUnread } from '../../model/rules/unread-answers.ts';
import { joinAlike, mergeSentences } from '../../model/text/merge-alike.ts';

/** So many differences are told; what is left is counted. */
const most = 4;

/** Null: it matches, and no guard of another run has appeared. Failure `run/stale`: it differs, so and so. `answer/incomplete`: an answer can't be read that could be then. */
export function compareWithPlan(plan: HostPlan, facts: HostFacts): Failure | null {
  if (fingerprintFacts(facts, plan.desired) === plan.fingerprint) return refuseGuards(plan, facts);
  const gaps = findNewGaps(plan.facts, facts);
  if (gaps.length > 0) {
    const unread = explainUnread({ rights: facts.rights, gaps });
    const sentences = joinAlike(unread.map((one) => one.sentence));
    return new Failure('answer/incomplete', `unreadable, so not compared with the plan: ${sentences}`, {
      where: plan.target,
      hint: unread[0]?.hint ?? null,
    });
  }
  const found = mergeSentences(describeDifferences(plan.facts, facts, plan.desired));
  const more = found.length > most ? `; and ${found.length - most} more` : '';
  const what = found.length === 0 ? '' : `: ${found.slice(0, most).join('; ')}${more}`;
  return new Failure('run/stale', `no longer matches the plan${what}`, {
    where: plan.target,
    hint: 'the host was changed since: plan (or roll back) again and look at what differs',
  });
}

/**
 * A plan that changes something was made while no guard of another run was on the host, or while that was not known. Guards are no part of
 * the fingerprint: one that has gone since, or is known to be none, makes no plan stale. The run's own one was called off before.
 */
function refuseGuards({ target }: HostPlan, facts: HostFacts): Failure | null {
  const found = describeGuards(findOtherGuards(facts));
  if (found === null) return null;
  return new Failure('run/stale', `no longer matches the plan: ${found.sentence}`, { where: target, hint: found.hint });
}
