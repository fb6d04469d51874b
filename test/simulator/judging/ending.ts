// How a life ended that did not die: its exit code, its verdicts, and whether a fault of our own is behind it. Returns what it said of each
// host; the rules are oracle.ts's.
import { exitCodeOfFailure, exitCodeOfRun } from '../../../src/cli/exit-codes.ts';
import { Failure } from '../../../src/model/failure.ts';
import type { HostVerdict, RunKind } from '../../../src/model/outcome.ts';
import type { RunOutcome } from '../../../src/workflows/execute-run.ts';
import type { Life } from '../life.ts';
import type { Night } from '../night/state.ts';
import { judgeEnding } from '../oracle.ts';

export function conclude(
  night: Night,
  kind: RunKind,
  number: number,
  life: Life,
  result: RunOutcome | readonly HostVerdict[] | Failure,
): readonly HostVerdict[] {
  const failure = result instanceof Failure ? result : 'failure' in result ? result.failure : null;
  const verdicts = result instanceof Failure ? [] : 'failure' in result ? result.verdicts : result;
  const exitCode = failure === null ? exitCodeOfRun(verdicts, life.isInterrupted) : exitCodeOfFailure(failure);
  const about = verdicts.map((one) => `${one.host} ${one.verdict} (${one.detail})`).join(', ');
  night.tell(`life ${number}: ${kind} ends with ${exitCode} ${failure?.code ?? ''} ${failure?.message ?? ''} ${about}`);
  if (
    failure?.code === 'internal/bug' ||
    (failure?.cause instanceof Error && !(failure.cause instanceof Failure) && !('code' in failure.cause))
  ) {
    night.problems.push(`life ${number}: ${String(failure.cause)}`);
  }
  const hosts =
    result instanceof Failure || !('failure' in result)
      ? verdicts.map((one) => one.host)
      : kind === 'apply'
        ? [...night.servers.keys()]
        : result.plan.hosts.map((one) => one.target);
  const ending = { kind, hosts, verdicts, exitCode, isInterrupted: life.isInterrupted };
  night.problems.push(...judgeEnding(ending, night.servers).map((one) => `life ${number} (${kind}): ${one}`));
  return verdicts;
}
