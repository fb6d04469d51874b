// What is told of a lease that this process has no longer, or may have no longer.
import { Failure } from '../../model/failure.ts';

/** By the clock of this process; what the database says of it is not known yet. */
export function leaseOver(label: string): Failure {
  return new Failure(
    'run/lease-lost',
    'not sent: this process gave no sign of life for too long, so another may have it',
    {
      where: label,
      hint: 'look who has it: fencepost runs',
    },
  );
}

/** A host, or a run, that another took over. */
export function leaseLost(label: string): Failure {
  return new Failure('run/lease-lost', 'another run took it over, for this process gave no sign of life for too long', {
    where: label,
    hint: 'look who has it: fencepost runs',
    effect: 'unknown',
  });
}
