// Vault texts opened with the passwords that were given, each text once. It finds the fitting password as Ansible does: those of the
// text's own vault id first, then the others. Passwords are asked for when the first text needs one; what was opened stays in memory.
import { Failure } from '../../model/failure.ts';
import { defaultVaultId, sealVault, unsealVault, readVaultId } from './vault.ts';

export interface VaultPassword {
  readonly vaultId: string;
  readonly password: string;
  /** Where it came from, for messages: a file's name, or `the terminal`. */
  readonly source: string;
}

export interface VaultSeams {
  /** All passwords that were given; empty when none was. Rejects with Failure `secret/missing`. Asked once. */
  readonly passwords: () => Promise<readonly VaultPassword[]>;
  readonly random: (byteCount: number) => Buffer;
}

export interface VaultOpener {
  /** The text inside. `where` is the file or file:line:column it stands in. Rejects with Failure `secret/missing`. */
  open(vaultText: string, where: string): Promise<string>;
  /** The text, sealed with the password that opens `like`, which was opened before. */
  seal(text: string, like: string): Promise<string>;
  /** Every vault password, and all that was opened with them, for the scrubber of the log. */
  revealed(): readonly string[];
}

/** No vault password was given. */
export const noPasswords: VaultSeams = {
  passwords: () => Promise.resolve([]),
  random: () => {
    throw new Error('nothing is sealed without a password');
  },
};

const saltBytes = 32;
const howToGive = 'use --vault-password-file FILE or --ask-vault-pass, or set ANSIBLE_VAULT_PASSWORD_FILE';

interface VaultContent {
  readonly text: string;
  readonly by: VaultPassword;
}

export function createVaultOpener(world: VaultSeams): VaultOpener {
  const opened = new Map<string, Promise<VaultContent>>();
  const sealed = new Map<string, Promise<string>>();
  const revealed = new Set<string>();
  let given: Promise<readonly VaultPassword[]> | undefined;

  const openFirst = async (vaultText: string, where: string): Promise<VaultContent> => {
    const passwords = await (given ??= world.passwords());
    for (const { password } of passwords) revealed.add(password);
    return tryPasswords(vaultText, passwords, where);
  };
  const open = (vaultText: string, where: string): Promise<VaultContent> => {
    const known = opened.get(vaultText) ?? openFirst(vaultText, where);
    opened.set(vaultText, known);
    return known;
  };
  return {
    async open(vaultText, where) {
      return (await open(vaultText, where)).text;
    },
    async seal(text, like) {
      const { by } = await open(like, '');
      revealed.add(text);
      const key = `${by.vaultId}\0${text}`;
      const known = sealed.get(key) ?? sealVault(text, by.password, world.random(saltBytes), by.vaultId);
      sealed.set(key, known);
      return known;
    },
    revealed: () => [...revealed],
  };
}

async function tryPasswords(
  vaultText: string,
  passwords: readonly VaultPassword[],
  where: string,
): Promise<VaultContent> {
  const vaultId = readVaultId(vaultText);
  const named = vaultId === defaultVaultId ? '' : ` (vault id ${vaultId})`;
  if (passwords.length === 0) {
    throw new Failure('secret/missing', `encrypted by ansible-vault${named}, but no vault password was given`, {
      where,
      hint: howToGive,
    });
  }
  for (const by of passwords.toSorted((a, b) => Number(b.vaultId === vaultId) - Number(a.vaultId === vaultId))) {
    const result = await unsealVault(vaultText, by.password);
    if (result.kind === 'text') return { text: result.text, by };
    if (result.kind === 'malformed') {
      throw new Failure('secret/missing', `this vault text is damaged: ${result.reason}`, {
        where,
        hint: 'encrypt it again: ansible-vault encrypt_string, or ansible-vault encrypt FILE',
      });
    }
  }
  const tried = passwords.map((one) => (one.vaultId === defaultVaultId ? one.source : `${one.vaultId}@${one.source}`));
  throw new Failure('secret/missing', `none of the vault passwords given can decrypt this${named}`, {
    where,
    hint: `tried: ${tried.join(', ')}; check that the password belongs to this vault id`,
  });
}
