import { defineCommand } from '../define-command.ts';
import { commonOptions, helpGroups, inventoryOptions, talkOptions, untrustedOptions } from '../options.ts';

export const doctorCommand = defineCommand({
  command: 'doctor',
  describe: 'Check each host step by step: name, TCP, TLS, WinRM, logon, rights, Windows, netsh, Exchange, ports',
  options: {
    playbook: {
      type: 'string',
      alias: 'p',
      group: helpGroups.hosts,
      describe: "Check only its hosts, services and ports [default: all hosts, Exchange's back ends]",
    },
    concurrency: { type: 'number', default: 50, describe: 'Hosts at once' },
    verbose: { type: 'boolean', default: false, alias: 'v', describe: 'Show every check of every host' },
    ...inventoryOptions,
    ...untrustedOptions,
    ...talkOptions,
    ...commonOptions,
  },
  examples: [['doctor -i inventory/prod.yml -l paris', 'before the first plan; changes nothing']],
  async run(args) {
    const { withWorld } = await import('../compose.ts');
    const { exitCodes } = await import('../exit-codes.ts');
    const { inventoryFiles, readLimit, warn } = await import('../inputs.ts');
    const { checkedConcurrency } = await import('../options.ts');
    const { isCiTold } = await import('../is-ci-told.ts');
    const ci = isCiTold() ? await import('../tell-ci.ts') : null;
    const { createApproach } = await import('./doctor/approach.ts');
    const { showDiagnosis } = await import('./doctor/show-diagnosis.ts');
    const { isInOrder } = await import('../../report/text/doctor-text.ts');
    const { diagnoseFleet, readDiagnosisScope } = await import('../../workflows/diagnose.ts');
    return withWorld(args, async (world) => {
      const concurrency = checkedConcurrency(args.concurrency);
      const { playbook } = args;
      const request = { inventory: inventoryFiles(args), playbook, limit: await readLimit(args.limit) };
      const { warnings, ...scope } = await readDiagnosisScope(request, world.vault);
      warn(warnings, world);
      const approach = createApproach(world.addresses, world.trace);
      const hosts = await diagnoseFleet({ ...scope, concurrency, approach }, world);
      showDiagnosis(hosts, { ...args, inventory: args.inventory ?? [] }, world);
      await ci?.tellCiOfDoctor(hosts, scope.targets, world);
      return hosts.every(isInOrder) ? exitCodes.done : exitCodes.someFailed;
    });
  },
});
