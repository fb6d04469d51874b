// The output of `init`: which files exist now, and the next commands in the order a new user needs them.
import { renderTable } from './table.ts';

export interface StartedFile {
  readonly path: string;
  readonly written: boolean;
}

/** `directory` is where the files went, as the user named it. */
export function renderStarterFiles(files: readonly StartedFile[], directory: string): string {
  const rows = files.map(({ path, written }) => [written ? 'created' : 'exists, kept', path]);
  const [inventory = { path: 'inventory/prod.yml' }] = files;
  const enter = directory === '.' ? [] : [[`  cd ${directory}`, '']];
  const next = [
    ...enter,
    ['  fencepost inventory', 'lists the hosts and how to reach them'],
    ['  fencepost doctor', 'checks each host; changes nothing'],
    ['  fencepost plan', 'shows what would change; changes nothing'],
  ];
  return `${renderTable(rows)}\nNext: add your servers and your account to ${inventory.path}, then run:\n${renderTable(next)}`;
}
