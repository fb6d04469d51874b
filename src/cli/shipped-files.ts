// I/O: the files that ship with the tool, and how it starts itself: from its package, or from inside the single executable
// (docs/install.md). Every build keeps its modules two folders below the package, so that this file's own place leads to it.
import { readFileSync } from 'node:fs';
import { getAsset, isSea } from 'node:sea';
import { fileURLToPath } from 'node:url';

export type ShippedFile = 'package.json' | 'inventory/example.yml' | 'playbooks/exchange-backend-ports.yml';

export function readShippedFile(name: ShippedFile): string {
  return isSea() ? getAsset(name, 'utf8') : readFileSync(new URL(name, packageRoot()), 'utf8');
}

/** The program and the first arguments that run this very build once more. */
export function findOwnCommand(): readonly [string, ...string[]] {
  if (isSea()) return [process.execPath];
  // The same folder, whatever the build: main.js stands beside this file or beside the parts of the bundle.
  return [process.execPath, fileURLToPath(new URL(mainScript(), packageRoot()))];
}

function packageRoot(): URL {
  return new URL('../../', import.meta.url);
}

function mainScript(): string {
  const build = new URL('../', import.meta.url).pathname.split('/').at(-2) ?? '';
  return `${build === 'src' ? 'dist' : build}/cli/main.js`;
}
