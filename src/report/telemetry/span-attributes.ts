// Attributes of the spans of a run, named by OpenTelemetry's semantic conventions where they have a name (CI/CD, server, error), else below
// `fencepost.`. Pure. What a person wrote (the name of a playbook) is cut; what a host said is never taken.
import type { EventOf, HostVerdict, Verdict } from '../../model/outcome.ts';
import type { Step } from '../../model/plan.ts';
import { formatRange } from '../../model/port-range.ts';
import { cutText, longestName } from '../../model/text/cut-text.ts';
import { visibleText } from '../../model/text/visible-text.ts';
import type { Attributes } from './span.ts';

export function describeRun({ run, kind, of, playbook, hosts, onFailure }: EventOf<'run-started'>): Attributes {
  return {
    'cicd.pipeline.name': cutText(visibleText(playbook.name), longestName),
    'cicd.pipeline.run.id': cutText(visibleText(run), longestName),
    'cicd.pipeline.action.name': 'RUN',
    'fencepost.run.kind': kind,
    'fencepost.run.hosts': hosts.length,
    'fencepost.run.on_failure': onFailure,
    ...(of === null ? {} : { 'fencepost.run.rolls_back': cutText(visibleText(of), longestName) }),
  };
}

const fineVerdicts: readonly Verdict[] = ['changed', 'unchanged'];
const errorVerdicts: readonly Verdict[] = ['failed-partial', 'in-doubt', 'undone-by-host'];

/** `success`, `failure`, `error` or `skip`: the convention's own words. */
function resultOf(verdict: Verdict): string {
  if (fineVerdicts.includes(verdict)) return 'success';
  if (errorVerdicts.includes(verdict)) return 'error';
  return verdict === 'skipped' ? 'skip' : 'failure';
}

/** Of a whole run from its counts: the worst that any host has. */
export function describeRunEnd(counts: EventOf<'run-finished'>['counts']): { attributes: Attributes; failed: boolean } {
  const results = Object.entries(counts).flatMap(([verdict, count]) =>
    count > 0 ? [resultOf(verdict as Verdict)] : [],
  );
  const worst = ['error', 'failure', 'skip', 'success'].find((one) => results.includes(one)) ?? 'success';
  const perVerdict = Object.entries(counts).map(([verdict, count]): [string, number] => [
    `fencepost.hosts.${verdict}`,
    count,
  ]);
  return {
    attributes: { 'cicd.pipeline.result': worst, ...Object.fromEntries(perVerdict) },
    failed: worst === 'error' || worst === 'failure',
  };
}

/** `server.address` is the host as the inventory calls it. */
export function describeHost(host: string): Attributes {
  return { 'server.address': cutText(visibleText(host), longestName) };
}

export function describeVerdict({ verdict, late, untouched }: HostVerdict): Attributes {
  return {
    'cicd.pipeline.task.run.result': resultOf(verdict),
    'fencepost.verdict': verdict,
    ...(late === true ? { 'fencepost.late': true } : {}),
    ...(untouched === true ? { 'fencepost.untouched': true } : {}),
  };
}

/** The code of a host that did not end well; without one of its own it is its verdict. */
export function errorOfVerdict({ verdict, failure }: HostVerdict): string | null {
  if (fineVerdicts.includes(verdict) || (verdict === 'skipped' && failure === null)) return null;
  return failure?.code ?? verdict;
}

/** A service is named only as the playbook names it. */
export function describeStep(
  step: Step | undefined,
  number: number,
  started: EventOf<'host-started'> | undefined,
): Attributes {
  const base: Attributes = { 'fencepost.step.number': number };
  if (step === undefined) return base;
  const common = { ...base, 'fencepost.step.kind': step.kind };
  switch (step.kind) {
    case 'exclusion':
      return {
        ...common,
        'fencepost.step.family': step.family,
        'fencepost.step.protocol': step.protocol,
        'fencepost.step.ports': formatRange(step.range),
      };
    case 'dynamic-range':
      return { ...common, 'fencepost.step.family': step.family, 'fencepost.step.protocol': step.protocol };
    case 'service': {
      const asked = started?.desired.exclusions.flatMap((one) => one.service ?? []) ?? [];
      const named = asked.find((one) => one.toLowerCase() === step.service.toLowerCase());
      return {
        ...common,
        'fencepost.step.verb': step.verb,
        ...(named === undefined ? {} : { 'fencepost.step.service': named }),
      };
    }
  }
}

/** Low in number, as the name of a span has to be. */
export function nameStep(step: Step | undefined, direction: 'do' | 'undo'): string {
  const what = step === undefined ? 'step' : step.kind === 'service' ? `service ${step.verb}` : step.kind;
  return direction === 'do' ? `step ${what}` : `undo ${what}`;
}
