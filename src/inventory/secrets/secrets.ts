// A secret's reference -> its value, at connect time only. Environment, file reading and the terminal are given to it. Values
// stay in memory; `revealed` is for the scrubber of the log, and a Failure never carries a value.
import pLimit from 'p-limit';
import { Failure } from '../../model/failure.ts';
import { describeReadError } from '../../model/failures/read-error.ts';
import { readFromCommand, readFromKeyring, type HelperResult } from './secret-helpers.ts';
import type { Origin, SecretRef, Connection } from '../../model/target.ts';
import type { VaultOpener } from './vault-opener.ts';

export interface SecretSeams {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => Promise<string>;
  /** Runs a credential helper without a shell. Never rejects. */
  readonly runHelper: (argv: readonly string[]) => Promise<HelperResult>;
  /** Looks an entry up; null when there is none. Rejects when there is no store, or no library for it. */
  readonly keyring: (name: string) => Promise<string | null>;
  /** Opens a text of ansible-vault. Rejects with Failure `secret/missing`. */
  readonly vault: Pick<VaultOpener, 'open'>;
  /** Asks a person without echo; null when there is no terminal. */
  readonly prompt: ((label: string) => Promise<string>) | null;
}

/** Whose secret it is, for messages; `unnamed` and `prompt` are asked for by it. */
interface SecretOwner {
  readonly name: string;
  readonly connection: Pick<Connection, 'username' | 'scheme' | 'address' | 'port'>;
}

export interface SecretReader {
  /**
   * The value. Each reference is resolved once: callers at the same time share one prompt, and one user name is asked for
   * once. Rejects with Failure `secret/missing`, which says what to set.
   */
  (ref: SecretRef, target: SecretOwner): Promise<string>;
  /** Every value given out so far. */
  revealed(): readonly string[];
}

export function createSecretReader(world: SecretSeams): SecretReader {
  const known = new Map<string, Promise<string>>();
  const revealed = new Set<string>();
  // One question at a time: two on one terminal can't be told apart.
  const inTurn = pLimit(1);

  const resolve = async (ref: SecretRef, target: SecretOwner): Promise<string> => {
    const value = await obtain(ref, target);
    revealed.add(value);
    return value;
  };
  const obtain = async (ref: SecretRef, target: SecretOwner): Promise<string> => {
    const { username } = target.connection;
    switch (ref.kind) {
      case 'inline':
        return ref.value;
      case 'env':
        return readFromEnvironment(world, ref.name, username);
      case 'file':
        return readFromFile(world, ref.path, username);
      case 'command':
        return readFromCommand(await world.runHelper(ref.argv), ref.argv, username);
      case 'keyring':
        return readFromKeyring(world.keyring, ref.name, username);
      case 'vault': {
        const { file, line, column } = ref.origin;
        return checkVaultValue(
          await world.vault.open(ref.ciphertext, `${file}:${line}:${column}`),
          ref.origin,
          username,
        );
      }
      case 'prompt':
        return inTurn(() => askForSecret(world, username, target.name));
      case 'unnamed':
        return inTurn(() => askForSaved(world, ref.inventory, target));
    }
  };
  const read = (ref: SecretRef, target: SecretOwner): Promise<string> => {
    const key = makeKey(ref, target.connection);
    const value = known.get(key) ?? resolve(ref, target);
    known.set(key, value);
    return value;
  };
  return Object.assign(read, { revealed: (): readonly string[] => [...revealed] });
}

/** No inventory vouches for the address that a plan or a run gives: what was typed for one is not sent to another. */
function makeKey(ref: SecretRef, { username, scheme, address, port }: SecretOwner['connection']): string {
  if (ref.kind === 'unnamed') return JSON.stringify([ref.kind, username, scheme, address, port]);
  return JSON.stringify(ref.kind === 'prompt' ? [ref.kind, username.toLowerCase()] : ref);
}

function readFromEnvironment(world: SecretSeams, name: string, username: string): string {
  const value = world.env[name];
  if (value !== undefined && value !== '') return value;
  const found = value === undefined ? 'is not set' : 'is empty';
  throw new Failure('secret/missing', `the password of ${username}: environment variable ${name} ${found}`, {
    hint: `set ${name} in the environment of this process`,
  });
}

async function readFromFile(world: SecretSeams, path: string, username: string): Promise<string> {
  let text: string;
  try {
    text = await world.readFile(path);
  } catch (cause) {
    throw new Failure(
      'secret/missing',
      `the password of ${username}: cannot read file ${path} (${describeReadError(cause)})`,
      {
        hint: 'write only the password into this file, readable only by you, or name another file in the inventory',
        cause,
      },
    );
  }
  const value = text.replace(/^\uFEFF/, '').replace(/\r?\n$/, '');
  if (value !== '') return value;
  throw new Failure('secret/missing', `the password of ${username}: file ${path} is empty`, {
    hint: 'write only the password into this file',
  });
}

function checkVaultValue(value: string, origin: Origin, username: string): string {
  if (value !== '') return value;
  const where = `${origin.file}:${origin.line}:${origin.column}`;
  throw new Failure('secret/missing', `the password of ${username}: the vault text contains an empty value`, {
    where,
    hint: 'encrypt the password again: ansible-vault encrypt_string',
  });
}

async function askForSecret(world: SecretSeams, username: string, host: string): Promise<string> {
  const hint = 'set it in the inventory: password: { env: NAME } or { file: PATH }';
  if (world.prompt === null) {
    const message = `the password of ${username}: no terminal to ask on, and the inventory gives no other source`;
    throw new Failure('secret/missing', message, { where: host, hint });
  }
  const value = await world.prompt(`Password for ${username}`);
  if (value !== '') return value;
  throw new Failure('secret/missing', `the password of ${username}: nothing was entered`, { where: host, hint });
}

/** Whoever types it sees where it goes: only a plan or a run says so. */
async function askForSaved(world: SecretSeams, inventory: string, { name, connection }: SecretOwner): Promise<string> {
  const { username, scheme, address, port } = connection;
  const hint = `name the inventory that has it: ${inventory}`;
  const missing = (reason: string): Failure =>
    new Failure('secret/missing', `the password of ${username}: ${reason}`, { where: name, hint });
  if (world.prompt === null) throw missing('no inventory was named that has it, and there is no terminal to ask on');
  const place = `${scheme}://${address.includes(':') ? `[${address}]` : address}:${port}`;
  const value = await world.prompt(withoutControls(`Password for ${username} on ${name}, sent to ${place}`));
  if (value !== '') return value;
  throw missing('nothing was typed');
}

/** A saved name could otherwise rub out the address behind it. */
function withoutControls(text: string): string {
  return text.replaceAll(/\p{C}/gu, '?');
}
