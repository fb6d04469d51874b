// I/O: flags -> one look at the directory: controllers from DNS, the logon, the questions, and whether DNS knows the names that came back.
import { randomFillSync } from 'node:crypto';
import { Resolver } from 'node:dns/promises';
import { findControllers } from '../../../directory/find-controllers.ts';
import { openDirectory } from '../../../directory/open-directory.ts';
import { cutShellWords } from '../../../inventory/forms/shell-words.ts';
import type { Discovery, NameResolution } from '../../../model/discovery/discovery.ts';
import { Failure } from '../../../model/failure.ts';
import { readErrnoCode } from '../../../model/failures/errno-code.ts';
import type { SecretRef } from '../../../model/target.ts';
import { renderFailure } from '../../../report/text/failure-text.ts';
import { createCredentialStore } from '../../../winrm/auth/kerberos/credential-store.ts';
import { createRandomPieces } from '../../../winrm/random-pieces.ts';
import { discover } from '../../../workflows/discovery/discover.ts';
import type { World } from '../../compose.ts';
import { refuseIdle } from '../../flags/refuse-idle.ts';
import type { DirectoryArguments } from './directory-options.ts';

const dnsMs = 1000;

/** Contradictions are refused before anything is opened. Rejects with Failure `usage/invalid`, `directory/...`, `auth/...` and the like. */
export async function askDirectory(args: DirectoryArguments, world: World): Promise<Discovery> {
  const { domain, auth = 'negotiate', tls = 'ldaps', timeout = 20 } = args;
  if (domain === undefined) {
    throw new Failure('usage/invalid', 'which domain?', { hint: 'name it: --domain corp.example' });
  }
  if (auth === 'simple' && (tls === 'none' || args.user === undefined)) {
    const why = tls === 'none' ? 'needs TLS: it sends the password itself' : 'needs an account: --user';
    throw new Failure('usage/invalid', `--auth simple ${why}`);
  }
  if (auth === 'ntlm' && args.user === undefined)
    throw new Failure('usage/invalid', '--auth ntlm needs an account: --user');
  if (args.user === undefined) {
    const given = { '--password-from': args['password-from'] !== undefined };
    refuseIdle(given, 'without --user: the logon is the Kerberos ticket', 'name the account: --user NAME@DOMAIN');
  }
  if (tls === 'none') {
    refuseIdle({ '--ca-file': args['ca-file'] !== undefined }, 'with --tls none', 'leave one of them out');
  }
  if (!(timeout > 0 && timeout <= 3600))
    throw new Failure('usage/invalid', '--timeout: expected seconds from 1 to 3600');
  const password = readReference(args['password-from']);
  const dns = new Resolver({ timeout: dnsMs, tries: 2 });
  const controllers = await findControllers({ domain, named: args.server ?? [] }, (name) => dns.resolveSrv(name));
  const access = {
    account: {
      auth,
      username: args.user ?? '',
      password,
      asksForTicket: args['password-from'] !== undefined,
    },
    tls,
    caFile: args['ca-file'] ?? null,
    timeoutMs: timeout * 1000,
  };
  const { clock } = world;
  const parts = {
    readSecret: world.readSecret,
    random: createRandomPieces(randomFillSync),
    now: () => new Date(clock.now()),
    loadKerberos: async () => (await import('../../../winrm/auth/kerberos.ts')).loadKerberos(),
    credentials: createCredentialStore(() => clock.elapsedMs()),
    sleep: (durationMs: number, signal?: AbortSignal) => clock.sleep(durationMs, signal),
  };
  const directory = await openDirectory(controllers, access, parts, (failure) => {
    world.say(renderFailure(failure, false).replace(/^error:/, 'warning:'));
  });
  try {
    return await discover(domain, {
      directory,
      resolveName: args.dns ? (name) => resolveName(dns, name) : null,
      listener: world.listener,
      now: clock.now(),
    });
  } finally {
    directory.close();
  }
}

/** DNS alone, not the hosts file of this machine. */
async function resolveName(dns: Resolver, name: string): Promise<NameResolution> {
  const asked = await Promise.allSettled([dns.resolve4(name), dns.resolve6(name)]);
  if (asked.some(({ status }) => status === 'fulfilled')) return 'found';
  const codes = asked.map((one) => (one.status === 'rejected' ? readErrnoCode(one.reason) : null));
  return codes.every((code) => code === 'ENOTFOUND' || code === 'ENODATA') ? 'missing' : 'unknown';
}

/** As an inventory's `password` says it, in one word. */
function readReference(text: string | undefined): SecretRef {
  if (text === undefined) return { kind: 'prompt' };
  const [, kind = '', value = ''] = /^(env|file|keyring|command):(.+)$/s.exec(text) ?? [];
  if (kind === 'env' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(value)) return { kind, name: value };
  if (kind === 'file') return { kind, path: value };
  if (kind === 'keyring') return { kind, name: value };
  if (kind === 'command') {
    const cut = cutShellWords(value);
    if (cut.fault === null && cut.words.length > 0) return { kind, argv: cut.words.map((word) => word.text) };
  }
  // What was given may be the password itself: it is not said again.
  throw new Failure('usage/invalid', '--password-from: expected env:NAME, file:PATH, keyring:NAME or command:PROGRAM', {
    hint: 'never the password itself: other users see it in the list of processes',
  });
}
