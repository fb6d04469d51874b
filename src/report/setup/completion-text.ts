// The output of `completion --install` and `--uninstall`: which files were touched, and what is left to do. It touches none.
import { renderTable } from '../text/table.ts';

export interface CompletionFileText {
  readonly path: string;
  readonly change: 'written' | 'unchanged' | 'removed' | 'not-there';
}

const words = {
  written: 'written',
  unchanged: 'unchanged',
  removed: 'removed from',
  'not-there': 'nothing in',
} as const;

export function renderCompletionFiles(files: readonly CompletionFileText[], shell: string): string {
  const rows = renderTable(files.map(({ path, change }) => [words[change], path]));
  const isNew = files.some(({ change }) => change === 'written');
  return isNew ? `${rows}\nOpen a new ${shell}, type "fencepost " and press Tab.\n` : rows;
}
