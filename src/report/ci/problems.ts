// What is wrong in a view, one entry per thing to do, worst first: the basis of JUnit, markdown, code quality and CI annotations,
// so that they can't disagree. A pending change is a problem only where it is judged (verify), not where it is proposed (plan).
import type { Finding } from '../../model/plan.ts';
import { worstFirst, type FleetView, type HostView } from '../view/fleet-view.ts';
import { atPlace } from '../view/place.ts';
import type { Tone } from '../view/human-words.ts';

export interface Problem {
  readonly host: HostView;
  /** Stable name of the kind of problem: a failure or finding code, `drift`, or a standing. */
  readonly check: string;
  /** 1, 2, ... among the problems of this check on this host, in the plan's order. */
  readonly ordinal: number;
  readonly severity: 'error' | 'warning';
  readonly sentence: string;
  /** Null when there is none. */
  readonly fix: string | null;
}

/** Errors before warnings; within each, hosts worst first. */
export function listProblems(view: FleetView): readonly Problem[] {
  const all = worstFirst(view.hosts).flatMap((host) => problemsOfHost(host, view));
  return [...all.filter((one) => one.severity === 'error'), ...all.filter((one) => one.severity === 'warning')];
}

export function problemsOfHost(host: HostView, view: Pick<FleetView, 'kind'>): readonly Problem[] {
  const counts = new Map<string, number>();
  return rawProblems(host, view).map((one) => {
    const ordinal = (counts.get(one.check) ?? 0) + 1;
    counts.set(one.check, ordinal);
    return { host, ordinal, ...one };
  });
}

type RawProblem = Omit<Problem, 'host' | 'ordinal'>;

/** Tones in which a host's own detail tells of something wrong. */
const telling: readonly Tone[] = ['bad', 'warn'];

function rawProblems(host: HostView, { kind }: Pick<FleetView, 'kind'>): readonly RawProblem[] {
  const { standing, tone, detail, failure, steps, gaps } = host;
  const findings = host.findings.filter((one) => one.severity !== 'info').map(ofFinding);
  const drift: readonly RawProblem[] =
    standing === 'changes' && kind === 'verify'
      ? [
          {
            check: 'drift',
            severity: 'error',
            sentence: `not as desired: ${steps.map((step) => step.sentence).join('; ')}`,
            fix: 'fencepost plan shows the changes, fencepost apply makes them',
          },
        ]
      : [];
  if (!telling.includes(tone)) return [...drift, ...findings];
  if (failure !== null) {
    const sentence = atPlace(failure, host.host, detail === '' ? failure.message : detail);
    return [{ check: failure.code, severity: 'error', sentence, fix: failure.hint }, ...findings];
  }
  if (findings.some((one) => one.severity === 'error')) return findings;
  const unread = gaps.map((gap) => `incomplete answer about ${gap.question}: ${gap.reason}`);
  const own = unread.length > 0 ? unread : [detail === '' ? host.words : detail];
  return [
    ...own.map((sentence): RawProblem => ({ check: standing, severity: 'error', sentence, fix: suggestFix(host) })),
    ...findings,
  ];
}

function ofFinding({ severity, code, sentence, hint }: Finding): RawProblem {
  return { check: code, severity: severity === 'blocker' ? 'error' : 'warning', sentence, fix: hint };
}

function suggestFix({ standing }: HostView): string | null {
  if (standing === 'in-change' || standing === 'in-doubt') {
    return 'fencepost resume RUN or fencepost rollback RUN; both check the host first';
  }
  return null;
}
