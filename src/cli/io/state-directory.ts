// I/O: where runs, locks and applied plans are kept when no flag says so. It reads the environment and makes nothing.
import { homedir } from 'node:os';
import { join } from 'node:path';

/** $FENCEPOST_STATE_DIR, else the user's own place for state: it must be found again at 03:00 from whatever directory. */
export function defaultStateDirectory(): string {
  const { env } = process;
  const named = env['FENCEPOST_STATE_DIR'];
  if (named !== undefined && named !== '') return named;
  const base =
    process.platform === 'win32'
      ? (env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'))
      : (env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'));
  return join(base, 'fencepost');
}
