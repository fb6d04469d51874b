// How a dry run of resume or rollback ends, in words: no setting of a server was changed, and the shells that the dead run left were deleted
// where they could be. Pure.
import { counted } from '../../model/text/counted.ts';

/** `shellHosts`: how many hosts had shells of the dead run that were to be deleted. */
export function describeDryRun(shellHosts: number): string {
  if (shellHosts === 0) return 'Dry run: nothing was changed.\n';
  const where = counted(shellHosts, 'host');
  return `Dry run: no setting was changed. Shells that the interrupted run had left on ${where} were deleted, where they could be.\n`;
}
