// What `init` says: which files there are now, and the next commands in the order a new user needs them.
import { renderTable } from './table.ts';

export interface StartedFile {
  readonly path: string;
  readonly written: boolean;
}

/** `directory` is where the files went, as the user named it. */
export function renderStarterFiles(files: readonly StartedFile[], directory: string): string {
  const rows = files.map(({ path, written }) => [written ? 'written' : 'kept as it is', path]);
  const [inventory = { path: 'inventory/prod.yml' }] = files;
  const enter = directory === '.' ? [] : [[`  cd ${directory}`, '']];
  const next = [
    ...enter,
    ['  fencepost inventory', 'which hosts are meant, and how they are reached'],
    ['  fencepost doctor', 'whether they can be reached; changes nothing'],
    ['  fencepost plan', 'what would be changed; changes nothing'],
  ];
  return `${renderTable(rows)}\nNext: put your servers and your account into ${inventory.path}, then:\n${renderTable(next)}`;
}
