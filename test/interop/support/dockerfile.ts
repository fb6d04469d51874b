// A stand-in for `docker build` and `docker run`: carries out the steps of a Dockerfile, in the words of its reference, against a folder that
// holds the root of its base image. It knows what ours uses and refuses the rest; layers, caches and digests it has none.
// Source: Dockerfile reference (shell form and exec form, ENV, COPY, USER, WORKDIR, ENTRYPOINT with CMD).
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Instruction {
  readonly name: string;
  readonly rest: string;
}

export interface Image {
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly workingFolder: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
}

export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function readDockerfile(text: string): readonly Instruction[] {
  const lines = text.split('\n').filter((line) => !/^\s*(?:#|$)/.test(line));
  const whole = lines.join('\n').replaceAll(/\\\n/g, ' ').split('\n');
  return whole.map((line) => {
    const [, name = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    return { name, rest };
  });
}

/** `context`: the folder given to `docker build`; `buildEnv`: what a builder's own settings would bring (proxies, registries). */
export async function buildImage(
  root: string,
  dockerfile: string,
  context: string,
  buildEnv: Readonly<Record<string, string>>,
): Promise<Image> {
  let image: Image = {
    root,
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
    user: '0:0',
    workingFolder: '/',
    entrypoint: [],
    command: [],
  };
  for (const { name, rest } of readDockerfile(await readFile(dockerfile, 'utf8'))) {
    if (name === 'RUN') {
      const env = { ...image.env, ...buildEnv };
      const { exitCode, stderr } = await runIn({ ...image, env }, ['/bin/sh', '-c', rest]);
      if (exitCode !== 0) throw new Error(`RUN ${rest}\nended with ${String(exitCode)}: ${stderr}`);
    } else if (name === 'COPY') await copy(rest, context, root);
    else if (name === 'ENV') image = { ...image, env: { ...image.env, ...readPairs(rest) } };
    else if (name === 'USER') image = { ...image, user: rest };
    else if (name === 'WORKDIR') {
      await mkdir(join(root, rest), { recursive: true });
      image = { ...image, workingFolder: rest };
    } else if (name === 'ENTRYPOINT') image = { ...image, entrypoint: JSON.parse(rest) as string[] };
    else if (name === 'CMD') image = { ...image, command: JSON.parse(rest) as string[] };
    else if (!['FROM', 'VOLUME'].includes(name)) throw new Error(`not known here: ${name} ${rest}`);
  }
  return image;
}

/** `docker run IMAGE ARGS`; null: without any, so that CMD holds. */
export function runImage(image: Image, args: readonly string[] | null): Promise<Ended> {
  return runIn(image, [...image.entrypoint, ...(args ?? image.command)]);
}

/** In a mount and process namespace of its own, with /proc; nothing of this process' environment. */
export async function runIn(
  { root, env, user, workingFolder }: Pick<Image, 'root' | 'env' | 'user' | 'workingFolder'>,
  argv: readonly string[],
): Promise<Ended> {
  // Not bash: with a socket for stdin it takes itself for one that rshd started, and reads /root/.bashrc.
  const inside =
    'root=$0 user=$1 folder=$2; shift 2; /bin/mount -t proc proc "$root/proc" && exec /usr/sbin/chroot --userspec="$user" "$root" ' +
    `/bin/sh -c 'cd "$0" && exec "$@"' "$folder" "$@"`;
  const args = ['--mount', '--pid', '--fork', '--', '/bin/sh', '-c', inside, root, user, workingFolder, ...argv];
  return run('/usr/bin/unshare', args, { env, maxBuffer: 2 ** 24 }).then(
    ({ stdout, stderr }) => ({ exitCode: 0, stdout, stderr }),
    (thrown: unknown) => {
      const { code, stdout = '', stderr = '' } = thrown as Partial<Ended> & { readonly code?: unknown };
      if (typeof code !== 'number') throw thrown;
      return { exitCode: code, stdout, stderr };
    },
  );
}

async function copy(rest: string, context: string, root: string): Promise<void> {
  const [pattern = '', to = ''] = rest.split(/\s+/);
  const matching = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
  const found = (await readdir(context)).filter((name) => matching.test(name));
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`COPY ${rest}: ${String(found.length)} files`);
  await mkdir(dirname(join(root, to)), { recursive: true });
  await cp(join(context, only), join(root, to));
}

function readPairs(rest: string): Record<string, string> {
  return Object.fromEntries([...rest.matchAll(/(\w+)=(\S+)/g)].map(([, key = '', value = '']) => [key, value]));
}
