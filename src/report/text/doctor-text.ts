// The checks of `doctor` as text: hosts with the same result together, and the commands that fix it: those of the code's page in
// explanations/, with the host's names filled in. It checks nothing.
import type { Target } from '../../model/target.ts';
import { explanations } from '../explanations/explanations.ts';
import { noPaint, type Colour, type Paint } from './colour.ts';
import type { Cure } from '../explanations/page.ts';
import { renderSilentNetworks } from './silent-networks.ts';
import { displayWidth } from './display-width.ts';
import { counted } from '../../model/text/counted.ts';
import { wrapNames, wrapText } from './table.ts';

export interface DoctorCheck {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'failed' | 'not-needed' | 'skipped';
  readonly detail: string;
  readonly evidence: string | null;
  readonly cure: string | null;
  readonly code: string | null;
}

export interface DoctorHost {
  readonly target: Pick<Target, 'name' | 'connection'>;
  readonly checks: readonly DoctorCheck[];
}

const signs: Readonly<Record<DoctorCheck['state'], readonly [Colour, string]>> = {
  ok: ['good', 'ok'],
  warning: ['attention', '?'],
  failed: ['bad', '!'],
  'not-needed': ['quiet', '-'],
  skipped: ['quiet', '.'],
};

export interface DoctorTextOptions {
  /** Each host alone, with what was seen on it. */
  readonly verbose: boolean;
  /** As given on the command line, so that the commands shown find it too; empty = the default. */
  readonly inventory: readonly string[];
  /** What the names of hosts led to, by target; left out: the inventory's addresses alone are known. */
  readonly addresses?: ReadonlyMap<string, string>;
  /** Left out: none. */
  readonly paint?: Paint;
}

export function renderDoctor(hosts: readonly DoctorHost[], options: DoctorTextOptions): string {
  const { verbose } = options;
  const groups = new Map<string, DoctorHost[]>();
  for (const host of hosts) {
    const key = verbose ? host.target.name : makeKey(host);
    const alike = groups.get(key);
    if (alike === undefined) groups.set(key, [host]);
    else alike.push(host);
  }
  const sorted = [...groups.values()].toSorted((a, b) => rankCheck(a[0]) - rankCheck(b[0]));
  const blocks = sorted.map((alike) => renderGroup(alike, options));
  const silent = renderSilentNetworks(
    hosts.map(({ target, checks }) => ({
      address: options.addresses?.get(target.name) ?? target.connection.address,
      code: checks.find((one) => one.state === 'failed')?.code ?? null,
    })),
  );
  return `${blocks.join('\n')}\n${silent}${renderSummary(hosts)}\n`;
}

export function isInOrder(host: DoctorHost): boolean {
  return !host.checks.some((one) => one.state === 'failed' || one.state === 'skipped');
}

/**
 * The commands that fix a check, filled in as far as the inventory knows; those that only call the doctor again are left out. `target`
 * null: they are for several hosts, and HOST stays.
 */
export function listFixCommands(
  check: DoctorCheck,
  target: DoctorHost['target'] | null,
  inventory: readonly string[],
): readonly Cure[] {
  if (check.code === null) return [];
  const cures = explanations.find((page) => page.code === check.code)?.cures ?? [];
  return cures.flatMap((cure) => {
    if (cure.command === null || cure.command.startsWith('fencepost doctor')) return [];
    // `discover` reads no inventory, it writes one.
    const here = /^fencepost (?!discover )/.test(cure.command)
      ? cure.command + inventory.map((path) => ` -i ${path}`).join('')
      : cure.command;
    return [{ ...cure, command: target === null ? here : filledIn(here, target) }];
  });
}

/** Host, port and account of the target in place of the words in capitals. */
function filledIn(command: string, { name, connection }: DoctorHost['target']): string {
  const host = command.startsWith('fencepost ') ? name : connection.address;
  // A function, for a `$` in an account's name has a meaning in a replacement text.
  return command
    .replace(/\bHOST\b/g, () => host)
    .replace(/\b598[56]\b/g, () => String(connection.port))
    .replace(/\bCORP\\SVC\b/g, () => connection.username);
}

function makeKey(host: DoctorHost): string {
  return JSON.stringify(host.checks.map(({ name, state, detail, cure, code }) => [name, state, detail, cure, code]));
}

/** Hosts with the most trouble first. */
function rankCheck(host: DoctorHost | undefined): number {
  if (host === undefined) return 0;
  const firstBad = host.checks.findIndex((one) => one.state === 'failed');
  if (firstBad >= 0) return firstBad;
  return host.checks.some((one) => one.state === 'warning') ? 100 : 101;
}

function renderGroup(alike: readonly DoctorHost[], options: DoctorTextOptions): string {
  const [first] = alike;
  if (first === undefined) return '';
  const names = alike.map((one) => one.target.name);
  const words = isInOrder(first) ? 'ready' : 'not ready';
  const { paint = noPaint } = options;
  const head =
    names.length === 1
      ? `${paint('strong', `${names[0] ?? ''}: ${words}`)}\n`
      : `${paint('strong', `${counted(names.length, 'host')}: ${words}`)}\n${wrapNames(names, '  ')}\n`;
  return `${head}${renderChecks(first.checks, alike.length === 1 ? first.target : null, options)}`;
}

/** One line per check, a fix below each that is not ok; the checks that were not made in one line. */
function renderChecks(
  checks: readonly DoctorCheck[],
  target: DoctorHost['target'] | null,
  { verbose, inventory, paint = noPaint }: DoctorTextOptions,
): string {
  const reached = checks.filter((one) => one.state !== 'skipped');
  const nameWidth = Math.max(0, ...reached.map((one) => one.name.length));
  const shown = reached.map((one) => {
    const head = `${chooseSign(one.state, paint)}${one.name.padEnd(nameWidth)}  `;
    const evidence = verbose && one.evidence !== null ? ` (${one.evidence})` : '';
    const code = one.code === null || one.state === 'ok' ? '' : ` [${one.code}]`;
    const found = wrapText(`${one.detail}${evidence}${code}`, head, ' '.repeat(displayWidth(head)));
    return `${found}\n${one.state === 'ok' ? '' : renderCures(one, listFixCommands(one, target, inventory), paint)}`;
  });
  const unreached = checks.filter((one) => one.state === 'skipped').map((one) => one.name);
  const rest =
    unreached.length === 0
      ? ''
      : `${wrapText(`not checked: ${unreached.join(', ')}`, chooseSign('skipped', paint), '        ')}\n`;
  return `${shown.join('')}${rest}`;
}

/** `    ok  `, `    !   ` */
function chooseSign(state: DoctorCheck['state'], paint: Paint): string {
  const [colour, sign] = signs[state];
  return `    ${paint(colour, sign)}${' '.repeat(4 - sign.length)}`;
}

function renderCures(check: DoctorCheck, cures: readonly Cure[], paint: Paint): string {
  const words =
    check.cure === null ? '' : `${wrapText(check.cure, `        ${paint('quiet', 'fix:')} `, '          ')}\n`;
  const commands = cures.map(
    ({ what, on, command }) =>
      `${wrapText(`${what}${on === 'server' ? ', on the server' : ''}:`, '          ', '          ')}\n            ${command ?? ''}\n`,
  );
  return `${words}${check.state === 'failed' ? commands.join('') : ''}`;
}

function renderSummary(hosts: readonly DoctorHost[]): string {
  const good = hosts.filter(isInOrder).length;
  const bad = hosts.length - good;
  return `Summary: ${counted(good, 'host')} ready, ${bad} not.`;
}
