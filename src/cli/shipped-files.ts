// I/O: the files that ship with the tool, and how it starts itself: from its package, or from inside the single executable
// (docs/install.md). This file and every part of dist/ stand two folders below the package.
import { readFileSync } from 'node:fs';
import { getAsset, isSea } from 'node:sea';
import { fileURLToPath } from 'node:url';

export type ShippedFile = 'package.json' | 'inventory/example.yml' | 'playbooks/exchange-backend-ports.yml';

export function readShippedFile(name: ShippedFile): string {
  return isSea() ? getAsset(name, 'utf8') : readFileSync(new URL(name, packageRoot()), 'utf8');
}

/** Throws where the package is damaged. */
export function readOwnVersion(): string {
  const { version } = JSON.parse(readShippedFile('package.json')) as { readonly version?: unknown };
  if (typeof version === 'string') return version;
  throw new Error('its package.json has no version');
}

/** The help of a command, or of the whole, as the build laid it out for terminals of this width; null where it did not. */
export function readLaidOutHelp(command: string | null, columns: number): string | null {
  if (isSea()) return null;
  const name = command === null ? 'fencepost' : `fencepost-${command}`;
  try {
    return readFileSync(new URL(`dist/help/${name}-${String(columns)}.txt`, packageRoot()), 'utf8');
  } catch {
    return null;
  }
}

/** The program and the first arguments that run this very build once more. */
export function findOwnCommand(): readonly [string, ...string[]] {
  return isSea() ? [process.execPath] : [process.execPath, fileURLToPath(new URL('dist/cli/main.js', packageRoot()))];
}

function packageRoot(): URL {
  return new URL('../../', import.meta.url);
}
