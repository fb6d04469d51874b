import { Failure } from '../../model/failure.ts';
import { commonOptions, confirmOptions, signKeyOption, stateOptions } from '../options.ts';
import { defineCommand } from '../define-command.ts';

export const approveCommand = defineCommand({
  command: 'approve <plan>',
  describe: 'Approve a saved plan: shows it, then signs its digest with your SSH key',
  positionals: {
    plan: { type: 'string', demandOption: true, describe: 'A plan saved with fencepost plan --out' },
  },
  options: {
    ...signKeyOption,
    change: { type: 'string', nargs: 1, describe: 'Number of the change in your ticket system, signed too' },
    withdraw: { type: 'boolean', default: false, describe: 'Remove the approval that this key gave, instead' },
    ...confirmOptions,
    ...stateOptions,
    ...commonOptions,
  },
  examples: [
    ['approve tonight.plan --sign-key ~/.ssh/id_ed25519', 'approve what is shown'],
    ['approve tonight.plan --sign-key ~/.ssh/id_ed25519.pub --change CHG0012345', 'with a key of your SSH agent'],
    ['approve tonight.plan --withdraw', 'take your approval back, with FENCEPOST_SIGN_KEY set'],
  ],
  async run(args) {
    const { withWorld } = await import('../compose.ts');
    const { keepApproval, withdrawApproval } = await import('./approve/keep-approval.ts');
    const { createSshKeygen } = await import('../io/approvals/ssh-keygen.ts');
    const { confirm } = await import('../io/terminal.ts');
    const { readPlanParts } = await import('../io/text-parts.ts');
    const { jsonDocument } = await import('../json.ts');
    const { readSignKey } = await import('../options.ts');
    const { paintFor } = await import('../io/colours.ts');
    const { renderSignOff } = await import('../../report/sign-off/sign-off-text.ts');
    const { viewSignOff } = await import('../../report/sign-off/sign-off-view.ts');
    const { changeNumber } = await import('../../forms/approval-forms.ts');
    const { approvePlan, identifyKey } = await import('../../workflows/consent/approve-plan.ts');
    const { readPlan } = await import('../../workflows/read-plan.ts');
    const { readPaces } = await import('../../workflows/forecast/read-paces.ts');
    return withWorld(args, async (world) => {
      const keyFile = readSignKey(args);
      if (keyFile === null) {
        throw new Failure('usage/invalid', 'no key to sign with was named', {
          hint: 'name your SSH key: --sign-key ~/.ssh/id_ed25519, or FENCEPOST_SIGN_KEY',
        });
      }
      if (args.change !== undefined && !changeNumber.safeParse(args.change).success) {
        throw new Failure('usage/invalid', '--change: expected 1 to 64 letters, digits or . : / # - _');
      }
      if (args.withdraw && args.change !== undefined) {
        throw new Failure('usage/invalid', '--withdraw and --change do not go together');
      }
      const saved = await readPlan(readPlanParts(args.plan), args.plan, world.operator.toolVersion);
      const ssh = createSshKeygen({ env: process.env, say: world.say.bind(world) });
      const { approvals: shared } = world.state;
      if (args.withdraw) {
        const key = await identifyKey(saved.digest, keyFile, ssh);
        const { file, state } = await withdrawApproval(args.plan, { plan: saved.digest, key }, shared);
        world.out(
          args.json
            ? jsonDocument('approval', { file, state, key, approval: null })
            : `Withdrawn: the approval with key ${key}.\nRemoved from ${listPlaces(file, state)}\n`,
        );
        return 0;
      }
      // All that the signature is for, as `show` has it.
      const view = viewSignOff(saved.plan, saved.digest, await readPaces(world.store));
      if (!args.json) world.out(`${renderSignOff(view, paintFor(process.stdout))}\n`);
      // Nobody approves what was not shown.
      else if (!args.yes) world.say(`${renderSignOff(view, paintFor(process.stderr))}\n`);
      if (!args.yes && !(await confirm('Approve this plan as shown?'))) {
        throw new Failure('run/not-confirmed', 'not confirmed; nothing was signed');
      }
      const request = { keyFile, change: args.change ?? null, signedAt: world.clock.now() };
      const approval = await approvePlan(saved, request, ssh);
      const { file, state, warning } = await keepApproval(args.plan, approval, shared);
      const { key, claim } = approval;
      if (warning !== null) world.say(`warning: ${warning}\n`);
      world.out(
        args.json
          ? jsonDocument('approval', { file, state, key, approval: claim })
          : `Approved with key ${key}${claim.change === null ? '' : ` for ${claim.change}`}.\nSaved to ${listPlaces(file, state)}\n`,
      );
      return 0;
    });
  },
});

function listPlaces(...places: readonly (string | null)[]): string {
  return places.filter((one) => one !== null).join(' and ');
}
