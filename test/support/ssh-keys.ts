// People with SSH keys for tests of approvals: real keys, made by the real ssh-keygen in a folder of the test's own.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface SshPerson {
  readonly name: string;
  readonly keyFile: string;
  /** As allowed_signers has it: type and base64. */
  readonly publicKey: string;
}

/** Null when ssh-keygen is there, else why nothing can be tried with it. With CI set it rejects instead. */
export async function missingSshKeygen(): Promise<string | null> {
  // Without -Y's own arguments it fails with a usage line; what counts is that it starts.
  const failure = await run('ssh-keygen', ['-Y', 'check-novalidate']).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  const isMissing = failure instanceof Error && 'code' in failure && failure.code === 'ENOENT';
  if (isMissing && process.env['CI'] !== undefined) throw new Error('ssh-keygen is missing: install openssh-client');
  return isMissing ? 'ssh-keygen is missing' : null;
}

export async function makePerson(folder: string, name: string, file = name): Promise<SshPerson> {
  const keyFile = join(folder, `${file}.key`);
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', keyFile]);
  const [type = '', key = ''] = (await readFile(`${keyFile}.pub`, 'utf8')).split(' ');
  return { name, keyFile, publicKey: `${type} ${key}` };
}

/** Writes an allowed_signers file; `options` stand between a name and its key. */
export async function writeSigners(
  file: string,
  lines: readonly (SshPerson | { readonly person: SshPerson; readonly options?: string; readonly name?: string })[],
): Promise<string> {
  const texts = lines.map((line) => {
    const { person, options = '', name = person.name } = 'person' in line ? line : { person: line };
    return `${name} ${options === '' ? '' : `${options} `}${person.publicKey}\n`;
  });
  await writeFile(file, texts.join(''));
  return file;
}
