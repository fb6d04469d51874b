// The output of `init`: which files exist now, and the next commands in the order a new user needs them.
import { renderTable } from './table.ts';

export interface StartedFile {
  readonly path: string;
  readonly written: boolean;
}

export interface GuessedDomainText {
  readonly realm: string;
  readonly from: string;
  readonly account: string | null;
}

/** `directory` is where the files went, as the user named it. */
export function renderStarterFiles(
  files: readonly StartedFile[],
  directory: string,
  domain: GuessedDomainText | null,
): string {
  const rows = files.map(({ path, written }) => [written ? 'created' : 'exists, kept', path]);
  const [inventory = { path: 'inventory/prod.yml', written: false }] = files;
  const enter = directory === '.' ? [] : [[`  cd ${directory}`, '']];
  // Of an earlier file nobody knows what it names.
  const guessed = inventory.written ? domain : null;
  const next = [
    ...enter,
    ['  fencepost inventory', 'lists the hosts and how to reach them'],
    ['  fencepost doctor', 'checks each host; changes nothing'],
    ['  fencepost plan', 'shows what would change; changes nothing'],
  ];
  const todo =
    domain === null
      ? `add your servers and your account to ${inventory.path}`
      : `find your servers in the directory,\n  fencepost discover --domain ${domain.realm.toLowerCase()}\nor add them to ${inventory.path} yourself`;
  return `${renderTable(rows)}\n${guessed === null ? '' : describeGuess(guessed)}Next: ${todo}, then run:\n${renderTable(next)}`;
}

function describeGuess({ realm, from, account }: GuessedDomainText): string {
  const who = account === null ? 'the account there is an example' : `the account ${account}, who ran this`;
  return `Guessed: the domain ${realm} (from ${from});\n${who}. Correct what is wrong.\n\n`;
}
