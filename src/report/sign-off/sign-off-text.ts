// What is signed off, as text: all of it for `show PLAN`, and the few lines that stand before the question of `apply`. Nothing is grouped
// and nothing left out of the commands: this is read by whoever answers for them.
import { counted } from '../../model/text/counted.ts';
import { renderHeadline } from '../headline/headline-text.ts';
import { noPaint, type Paint } from '../text/colour.ts';
import { wrapText } from '../text/table.ts';
import { planStateWords } from '../view/human-words.ts';
import { describeHostBackEnds } from './sign-off-back-ends.ts';
import { describeAllDesired, type Outage, type SignOff, type SignOffHost, type SignOffStep } from './sign-off-view.ts';

export function renderSignOff(view: SignOff, paint: Paint = noPaint): string {
  const { playbook, inventory, createdAt, createdBy, toolVersion, digest, guard } = view;
  const rows = [
    ['digest', digest],
    ['made', `${createdAt} by ${createdBy} with Fencepost ${toolVersion}`],
    ['playbook', `${playbook.file} (sha256 ${playbook.sha256})`],
    ['inventory', `${inventory.files.join(', ')} (sha256 ${inventory.sha256})`],
    ...(guard === undefined ? [] : [['guard', guard]]),
    ...describeAllDesired(view).map((one, index) => [index === 0 ? 'desired' : '', one]),
  ].map(([name = '', value = '']) => `${wrapText(value, `  ${name.padEnd(12)}`, ' '.repeat(14))}\n`);
  const hosts = view.hosts.map((host) => `\n${renderHost(host, paint)}`);
  return `${paint('strong', `Plan ${view.shortDigest}: ${playbook.name}`)}\n${rows.join('')}\n${renderOutline(view)}${hosts.join('')}`;
}

/** Before the question of `apply`. `approvals`: one line on who approved this digest; null: none are asked for. */
export function renderPrompt(view: SignOff, approvals: string | null): string {
  const last = approvals === null ? '' : `${wrapText(approvals, '', '  ')}\n`;
  return `Plan ${view.shortDigest}\n${renderOutline(view)}${last}`;
}

function renderOutline({ headline, outages }: SignOff): string {
  const stops = outages.map((outage) => `${wrapText(describeOutage(outage), '', '  ')}\n`);
  return `${renderHeadline(headline)}${outages.length === 0 ? 'No service is stopped.\n' : stops.join('')}`;
}

export function describeOutage({ service, hostCount, atMostMs }: Outage): string {
  const limit = describeTime(atMostMs);
  return `Stops ${service} on ${counted(hostCount, 'host')}, on each for at most ${limit}, and at most ${limit} more where the change is undone; longer only where a host stops answering or the run is killed.`;
}

/** `90 s`, `10 min` */
function describeTime(ms: number): string {
  return ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1000} s`;
}

function renderHost(host: SignOffHost, paint: Paint): string {
  const { state, address, proxy, method, credential, trust, backEnds, steps, findings, failure, guard = [] } = host;
  const rows = [
    `address  ${address}${proxy === null ? '' : ` through the proxy ${proxy}`}`,
    `account  ${describeAccount(host)}`,
    `method   ${method} (${credential})`,
    ...(trust === null ? [] : [`trusts   ${trust}`]),
    ...(backEnds === undefined ? [] : [`ports    ${describeHostBackEnds(backEnds)}`]),
  ];
  const problems = [
    ...findings.map((one) => `${one.severity}: ${one.sentence}`),
    ...(failure === null ? [] : [`${failure.message} [${failure.code}]`]),
  ];
  return [
    `${paint('strong', `${host.host}: ${planStateWords(state, false)}`)}\n`,
    ...rows.map((row) => `  ${row}\n`),
    ...problems.map((one) => `${wrapText(one, `  ${paint('attention', '!')} `, '    ')}\n`),
    ...steps.map((one) => renderStep(one)),
    ...(guard.length === 0
      ? []
      : ['  Its guard, unless called off:\n', ...guard.map((line) => `       sends     ${line}\n`)]),
  ].join('');
}

export function describeAccount({ account, credential }: SignOffHost): string {
  if (account !== '') return account;
  return `whoever the ${credential === 'client-certificate' ? 'client certificate' : 'Kerberos ticket'} is of`;
}

/** Commands stand whole on their lines, so that they can be compared and copied. */
function renderStep({ number, sentence, commands, undo }: SignOffStep): string {
  const sent = commands.map((line, index) => `       ${index === 0 ? 'sends    ' : 'if needed'} ${line}\n`);
  const back = undo.map((line) => `       undo      ${line}\n`);
  return `${wrapText(sentence, `  ${String(number).padStart(3)}. `, '       ')}\n${sent.join('')}${back.join('')}`;
}
