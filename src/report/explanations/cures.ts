// Cures that several pages name.
import { here, server } from './page.ts';

export const showRun = here('see what was done, step by step', 'fencepost runs show RUN');
export const listRuns = here('list the runs', 'fencepost runs');
export const rollback = here('roll it back', 'fencepost rollback RUN');
export const newPlan = here('make a new plan', 'fencepost plan --out NEW.plan');
export const tables = server('check the table yourself', 'netsh interface ipv4 show excludedportrange protocol=tcp');
export const proof = here('see where the journal is damaged', 'fencepost runs verify RUN');
