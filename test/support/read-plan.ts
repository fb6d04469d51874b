// A whole saved plan at once, for tests: the tool itself reads one part by part.
import { makeAnswer } from '../../src/workflows/host-jobs.ts';
import { checkHost } from '../../src/plan/check-plan.ts';
import { createPlanReader, type SavedPlan } from '../../src/plan/read-plan-file.ts';

/** `partLength`: how much of it comes at a time. Throws Failure `plan/damaged`. */
export function readPlanText(text: string, file: string, partLength = Number.MAX_SAFE_INTEGER): SavedPlan {
  const reader = createPlanReader({
    file,
    check: (host, plan) => checkHost(host, makeAnswer, plan),
    hasOneRequest: true,
    toolVersion: '0.1.0',
  });
  for (let at = 0; at < text.length; at += partLength) reader.take(text.slice(at, at + partLength));
  return reader.end();
}
