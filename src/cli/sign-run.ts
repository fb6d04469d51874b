// Signs the head of a run's journal, after everybody was told what became of the run. Whatever goes wrong here is one loud warning: it changes
// no verdict, no exit code and no record.
import { asFailure } from '../model/failure.ts';
import { signHead } from '../workflows/consent/sign-journal.ts';
import type { RunOutcome } from '../workflows/execute-run.ts';
import type { World } from './compose.ts';
import { createSshKeygen } from './io/approvals/ssh-keygen.ts';
import { hasTerminal } from './io/terminal.ts';
import { readSignKey, type SignKeyArguments } from './options.ts';

/** Never rejects. */
export async function signRun(
  { run, journal: { records, digest } }: Pick<RunOutcome, 'run' | 'journal'>,
  args: SignKeyArguments,
  world: World,
): Promise<void> {
  const keyFile = readSignKey(args);
  if (keyFile === null || records === 0) return;
  try {
    const say = hasTerminal() ? world.say.bind(world) : null;
    const ssh = createSshKeygen({ env: process.env, say, signal: world.interrupts.signal });
    const claim = { run, records, digest, signedAt: world.clock.now() };
    const { text, key } = await signHead(claim, keyFile, ssh);
    await world.state.saveHeadSignature(run, text);
    world.say(`The head of the journal is signed with key ${key}.\n`);
  } catch (thrown) {
    const { message, where } = asFailure(thrown);
    const place = where === null ? '' : ` (${where})`;
    world.say(`warning: THE JOURNAL IS NOT SIGNED: ${message}${place}. The results of the run stand.\n`);
  }
}
