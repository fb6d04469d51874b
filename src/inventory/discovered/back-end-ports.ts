// The variables of one host that say where its back ends listen -> its ports, or what is wrong with them at file:line:column. A name that
// is nearly one of theirs is an error: read by nobody, it would leave the port of its host unknown. It evaluates no templates.
import { backEnds, backEndVariables } from '../../model/backend/back-end-ports.ts';
import type { BackEndPorts } from '../../model/discovery/discovery.ts';
import type { Issue } from '../../model/failure.ts';
import { highestPort } from '../../model/port-range.ts';
import { chooseSecrecyPath, describeValue } from '../../yaml/words.ts';
import { templateAdvice } from '../connection/template.ts';
import { issueAt, issueAtKey, type Variable } from '../variables.ts';

export interface BackEndPortsRead {
  /** Null: the host has neither, or something is wrong with them. */
  readonly ports: BackEndPorts | null;
  readonly issues: readonly Issue[];
}

const nearName = /^exchange_?(imap4?|pop3?)_?(?:back_?end|be)_?ports?$/;

/** Reads the merged variables of one host. Never throws. */
export function readBackEndPorts(variables: ReadonlyMap<string, Variable>): BackEndPortsRead {
  const issues: Issue[] = [];
  const found: { -readonly [K in keyof BackEndPorts]: BackEndPorts[K] } = { imap4: null, pop3: null };
  for (const [name, variable] of variables) {
    const meant = findNearName(name);
    if (meant !== null) issues.push(issueAtKey(variable.place, `not read; the back-end port is ${meant}`));
  }
  for (const one of backEnds) {
    const variable = variables.get(backEndVariables[one]);
    if (variable === undefined || variable.value === null) continue;
    const { value, place } = variable;
    const port = readPort(value);
    if (port !== null) found[one] = port;
    else {
      const shown = describeValue(value, chooseSecrecyPath(place));
      const advice = templateAdvice(value, 'port') ?? `expected a port from 1 to ${highestPort}, got ${shown}`;
      issues.push(issueAt(place, advice));
    }
  }
  const isKnown = issues.length === 0 && backEnds.some((one) => found[one] !== null);
  return { ports: isKnown ? found : null, issues };
}

/** The variable that a name was meant for; null: it is spelled right, or means something else. */
function findNearName(name: string): string | null {
  const known: readonly string[] = Object.values(backEndVariables);
  if (known.includes(name)) return null;
  const [, protocol = ''] = nearName.exec(name.toLowerCase().replaceAll('-', '_')) ?? [];
  if (protocol === '') return null;
  return protocol.startsWith('imap') ? backEndVariables.imap4 : backEndVariables.pop3;
}

/** Text of digits is a number too: so it comes from an INI file and from quotation marks. */
function readPort(value: unknown): number | null {
  const port = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value;
  return typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= highestPort ? port : null;
}
