// I/O: the vault passwords of the command line, as ansible-vault takes them: files, programs that print one, the terminal. Nothing is read,
// run or asked before something encrypted is met. Source: Ansible's user guide, "Managing vault passwords".
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, extname, resolve } from 'node:path';
import { createVaultOpener, type VaultOpener, type VaultPassword } from '../../inventory/secrets/vault-opener.ts';
import { defaultVaultId } from '../../inventory/secrets/vault.ts';
import { Failure } from '../../model/failure.ts';
import { runHelper } from './credential-helper.ts';
import type { VaultArguments } from '../options.ts';
import { askSecret, hasTerminal } from './terminal.ts';
import { readSecretText } from '../../files/read-input.ts';
import { describeReadError } from '../../model/failures/read-error.ts';

interface VaultSource {
  readonly vaultId: string;
  /** A path, or `prompt`. */
  readonly from: string;
  readonly flag: string;
}

/** Ansible's word for the terminal in `--vault-id LABEL@prompt`. */
const promptWord = 'prompt';

/** Opens with what these flags name; without any, with the file that ANSIBLE_VAULT_PASSWORD_FILE names. */
export function createFlagVault(args: VaultArguments, environment: NodeJS.ProcessEnv): VaultOpener {
  const sources = listSources(args, environment);
  return createVaultOpener({
    async passwords() {
      const found: VaultPassword[] = [];
      // One after the other: two questions on one terminal can't be told apart.
      for (const source of sources) found.push(await readPassword(source));
      return found;
    },
    random: (byteCount) => randomBytes(byteCount),
  });
}

function listSources(args: VaultArguments, environment: NodeJS.ProcessEnv): readonly VaultSource[] {
  const given: VaultSource[] = [
    ...(args['vault-id'] ?? []).map((text) => labelled(text)),
    ...(args['vault-password-file'] ?? []).map((from) => ({
      vaultId: defaultVaultId,
      from,
      flag: '--vault-password-file',
    })),
    ...(args['ask-vault-pass'] === true
      ? [{ vaultId: defaultVaultId, from: promptWord, flag: '--ask-vault-pass' }]
      : []),
  ];
  const { ANSIBLE_VAULT_PASSWORD_FILE: from = '' } = environment;
  if (given.length > 0 || from === '') return given;
  return [{ vaultId: defaultVaultId, from: from.replace(/^~(?=\/)/, homedir()), flag: 'ANSIBLE_VAULT_PASSWORD_FILE' }];
}

/** `prod@FILE`, `prod@prompt`, or a file alone. */
function labelled(text: string): VaultSource {
  const at = text.lastIndexOf('@');
  const vaultId = at > 0 ? text.slice(0, at) : defaultVaultId;
  return { vaultId, from: text.slice(at + 1), flag: '--vault-id' };
}

async function readPassword(source: VaultSource): Promise<VaultPassword> {
  const { vaultId, from, flag } = source;
  const isAsked = from === promptWord && flag !== '--vault-password-file';
  const password = isAsked ? await ask(source) : await readFrom(source);
  if (password !== '') return { vaultId, password, source: isAsked ? 'the terminal' : from };
  throw missing(
    source,
    isAsked ? 'nothing was typed' : `${from} returned nothing`,
    'it must give the vault password alone',
  );
}

async function ask({ vaultId, from, flag }: VaultSource): Promise<string> {
  if (!hasTerminal()) {
    throw missing({ vaultId, from, flag }, 'there is no terminal to ask on', 'give it with --vault-password-file FILE');
  }
  return (await askSecret(vaultId === defaultVaultId ? 'Vault password' : `Vault password (${vaultId})`)).trim();
}

/** A program is run for its password, as Ansible does with any file that may be executed. */
async function readFrom(source: VaultSource): Promise<string> {
  const path = resolve(source.from);
  if (await isProgram(path)) return runProgram(path, source);
  try {
    return (await readSecretText(path)).replace(/^\uFEFF/, '').trim();
  } catch (cause) {
    const reason = describeReadError(cause);
    throw missing(
      source,
      `${source.from} can't be read (${reason})`,
      'name the file that holds the vault password',
      cause,
    );
  }
}

async function isProgram(path: string): Promise<boolean> {
  // Windows knows no such bit: there a file is a password.
  if (process.platform === 'win32') return false;
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function runProgram(path: string, source: VaultSource): Promise<string> {
  // Ansible's rule: a program called NAME-client is told which vault id is meant.
  const isClient = basename(path, extname(path)).endsWith('-client');
  const end = await runHelper(isClient ? [path, '--vault-id', source.vaultId] : [path]);
  if (end.kind === 'exited' && end.exitCode === 0) return end.stdout.replace(/^[\r\n]+|[\r\n]+$/g, '');
  const became =
    end.kind === 'exited'
      ? `ended with exit code ${end.exitCode}`
      : end.kind === 'timed-out'
        ? `did not end within ${end.afterMs / 1000} s`
        : `could not be run (${end.reason})`;
  const hint = 'run it by hand: it must print the vault password alone; a plain file must not be executable (chmod -x)';
  throw missing(source, `the program ${source.from} ${became}`, hint);
}

function missing({ flag, vaultId }: VaultSource, reason: string, hint: string, cause?: unknown): Failure {
  const named = vaultId === defaultVaultId ? '' : ` of vault id ${vaultId}`;
  return new Failure('secret/missing', `${flag}: could not get the vault password${named}: ${reason}`, {
    hint,
    ...(cause === undefined ? {} : { cause }),
  });
}
