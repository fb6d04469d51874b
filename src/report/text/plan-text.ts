// A plan as a dry run that can be read aloud: hosts that are alike stand together, a sign before each change, blockers with their fix.
import type { Finding, FleetPlan, HostPlan, Step } from '../../model/plan.ts';
import type { PlanHeadline } from '../../model/headline/plan-headline.ts';
import { renderHeadline } from '../headline/headline-text.ts';
import { noPaint, type Colour, type Paint } from './colour.ts';
import { renderHostFailure } from './failure-text.ts';
import { describeGuard } from '../view/guard-words.ts';
import { planStateWords } from '../view/human-words.ts';
import { chooseSign } from '../view/step-sign.ts';
import { renderSilentNetworks } from './silent-networks.ts';
import { listGuardActions } from '../../model/rules/guard.ts';
import { counted } from '../../model/text/counted.ts';
import { mergeAlike } from '../../model/text/merge-alike.ts';
import { mergeFamilies } from '../view/merged-steps.ts';
import { wrapNames, wrapText } from './table.ts';

export interface PlanTextOptions {
  /** Also show the commands that will be sent, and what is worth knowing but needs nothing done. */
  readonly verbose: boolean;
  /** Left out: none is shown. */
  readonly headline?: PlanHeadline | undefined;
  /** The plan is a rollback's. */
  readonly takesBack?: boolean;
  /** What the names of hosts led to, by target; left out: the inventory's addresses alone are known. */
  readonly addresses?: ReadonlyMap<string, string>;
  /** Left out: none. */
  readonly paint?: Paint;
}

/** The whole plan, ending in its summary line. */
export function renderPlan(plan: FleetPlan, options: PlanTextOptions): string {
  const head = `${plan.playbook.name}: ${counted(plan.hosts.length, 'host')}\n`;
  const { confirm } = plan.policy;
  const groups = groupAlike(plan.hosts, { ...options, isGuarded: confirm !== undefined });
  const guard = confirm === undefined ? '' : `${wrapText(describeGuard(confirm), 'Guard: ', '  ')}\n`;
  const silent = renderSilentNetworks(
    plan.hosts.map(({ target, connection, failure }) => ({
      address: options.addresses?.get(target) ?? connection.address,
      code: failure?.code ?? null,
    })),
  );
  const { headline, takesBack: isRollback = false, paint = noPaint } = options;
  const shown = headline === undefined ? '' : `\n${renderHeadline(headline, { isRollback, paint })}`;
  return `${head}${guard}${shown}\n${groups.map((group) => `${group}\n`).join('')}${silent}${renderPlanSummary(plan.hosts, options.takesBack === true)}\n`;
}

/** `5 to change, 1 as desired, 4 blocked, 2 unreachable` */
function renderPlanSummary(hosts: readonly HostPlan[], isRollback: boolean): string {
  const count = (state: HostPlan['state']): number => hosts.filter((one) => one.state === state).length;
  const parts = (['changes', 'ok', 'blocked', 'unreachable'] as const).map(
    (state) => `${count(state)} ${planStateWords(state, isRollback)}`,
  );
  return `Summary: ${parts.join(', ')}.`;
}

const order: readonly HostPlan['state'][] = ['changes', 'blocked', 'unreachable', 'ok'];

function groupAlike(hosts: readonly HostPlan[], options: BodyOptions): readonly string[] {
  return order.flatMap((state) => {
    const groups = new Map<string, HostPlan[]>();
    for (const host of hosts.filter((one) => one.state === state)) {
      const body = renderBody(host, options, true);
      const alike = groups.get(body);
      if (alike === undefined) groups.set(body, [host]);
      else alike.push(host);
    }
    return [...groups].map(([body, alike]) => {
      const [only] = alike.length === 1 ? alike : [];
      return `${renderHead(state, alike, options)}\n${only === undefined ? body : renderBody(only, options, false)}`;
    });
  });
}

function renderHead(
  state: HostPlan['state'],
  hosts: readonly HostPlan[],
  { takesBack = false, paint = noPaint }: PlanTextOptions,
): string {
  const words = planStateWords(state, takesBack);
  const names = hosts.map((one) => one.target);
  if (names.length === 1) return paint('strong', `${names[0] ?? ''}: ${words}`);
  return `${paint('strong', `${counted(names.length, 'host')}: ${words}`)}\n${wrapNames(names, '  ')}`;
}

/** What is said without being asked: an outage, and that there may be nothing to protect. */
const shownInfo: readonly Finding['code'][] = ['held-by-own-service', 'port-unknown', 'outside-dynamic-range'];

/** `forMany`: without what only this host could say, so that hosts that failed alike stand together. */
function renderBody(host: HostPlan, { verbose, isGuarded, paint = noPaint }: BodyOptions, forMany: boolean): string {
  const steps = verbose ? host.steps.map((one) => renderStep(one, paint)) : renderMerged(host.steps, paint);
  const told = host.findings.filter((one) => verbose || one.severity !== 'info' || shownInfo.includes(one.code));
  const findings = mergeAlike(told, ({ severity, code, hint }) => `${severity} ${code} ${hint ?? ''}`)
    .map((one) => renderFinding(one, paint))
    .join('');
  const failure =
    host.failure === null ? '' : renderHostFailure(host.failure, forMany ? null : host.target, '    ', paint);
  const guard = verbose && isGuarded && host.steps.length > 0 ? renderGuard(host) : '';
  return `${steps.join('')}${guard}${findings}${failure}`;
}

interface BodyOptions extends PlanTextOptions {
  /** Its commands are shown with those of the steps. */
  readonly isGuarded: boolean;
}

function renderGuard({ steps }: HostPlan): string {
  const lines = listGuardActions(steps).map((line) => `        ${line}\n`);
  return `    its guard, unless called off:\n${lines.join('')}`;
}

/** A step with its commands, in the order they are sent. */
function renderStep(step: Step, paint: Paint): string {
  const lines = step.kind !== 'exclusion' ? [step.line] : step.commands.map((one) => one.line);
  const first = step.kind === 'service' && step.when === 'undo' ? 'only to undo: ' : '';
  const shown = lines.map((line, index) => `        ${index === 0 ? first : 'if still needed: '}${line}\n`);
  return `${headOfStep(step, step.sentence, paint)}${shown.join('')}`;
}

/** Steps that differ in the family only are one line: `reserve tcp 9933 on ipv4 and ipv6`. */
function renderMerged(steps: readonly Step[], paint: Paint): readonly string[] {
  return mergeFamilies(steps).map(({ step, sentence }) => headOfStep(step, sentence, paint));
}

const stepColours: Readonly<Record<ReturnType<typeof chooseSign>, Colour>> = {
  '+': 'good',
  '-': 'bad',
  '~': 'attention',
};

function headOfStep(step: Step, sentence: string, paint: Paint): string {
  const sign = chooseSign(step);
  return `${wrapText(sentence, `    ${paint(stepColours[sign], sign)} `, '      ')}\n`;
}

/** `! ` blocker, `? ` warning, `i ` info; the fix below it. */
const findingSigns: Readonly<Record<Finding['severity'], readonly [Colour, string]>> = {
  blocker: ['bad', '!'],
  warning: ['attention', '?'],
  info: ['quiet', 'i'],
};

function renderFinding({ severity, sentence, hint }: Finding, paint: Paint): string {
  const head = `${wrapText(sentence, `    ${paint(...findingSigns[severity])} `, '      ')}\n`;
  return hint === null ? head : `${head}${wrapText(hint, `      ${paint('quiet', 'fix:')} `, '        ')}\n`;
}
