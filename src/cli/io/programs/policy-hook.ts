// I/O: the program of a policy: it gets the plan as the document that `plan --json` prints, and its exit code decides. A program that can't
// be run, or does not end in time, allows nothing.
import type { FleetPlan } from '../../../model/plan.ts';
import { digestPlan } from '../../../plan/plan-file.ts';
import type { PolicyHook } from '../../../workflows/consent/hold-policies.ts';
import { jsonDocumentByItem, jsonTexts } from '../../json.ts';
import { helperEnvironment } from '../helper-environment.ts';
import { quoteOutput, runProgram } from './run-program.ts';

const hookMs = 60_000;

export function createPolicyHook(
  env: NodeJS.ProcessEnv,
  kind: 'plan' | 'verify' = 'plan',
  timeoutMs = hookMs,
): PolicyHook {
  return async (argv, plan) => {
    const call = { argv, input: planDocument(plan, kind), env: helperEnvironment(env), timeoutMs, talk: null };
    const end = await runProgram(call);
    const program = argv[0] ?? '';
    if (end.kind === 'not-started')
      return `${program} could not be started${end.isMissing ? ': it does not exist' : ''}`;
    if (end.kind === 'timed-out') return `${program} did not finish within ${timeoutMs / 1000} s`;
    if (end.exitCode === 0) return null;
    const how = end.exitCode === null ? 'was ended by a signal' : `refuses the plan with exit code ${end.exitCode}`;
    return `${program} ${how}: ${quoteOutput(`${end.stdout}\n${end.stderr}`)}`;
  };
}

function planDocument(plan: FleetPlan, kind: 'plan' | 'verify'): Iterable<string> {
  const { hosts, ...about } = plan;
  return jsonDocumentByItem(kind, { digest: digestPlan(plan), ...about }, 'hosts', jsonTexts(hosts));
}
