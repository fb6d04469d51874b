// Who may import whom, and who may touch the world, read from the sources themselves. The tables are here and nowhere else; each
// exception bears its reason. A breach is named by file, line and rule.
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

/** Imports go downwards only. */
const floors: Readonly<Record<string, number>> = {
  cli: 6,
  workflows: 5,
  run: 4,
  // Above playbook/: a window and approvals are written in a policy as in a playbook.
  policy: 3.5,
  facts: 3,
  plan: 3,
  approval: 3,
  inventory: 3,
  playbook: 3,
  lab: 3,
  // Above windows/: the steps of an event are derived when it is read.
  journal: 3,
  // Above winrm/: its sockets, its TLS and its logons serve LDAP too.
  directory: 2.5,
  winrm: 2,
  windows: 2,
  report: 2,
  yaml: 2,
  // Between the words and whatever reads or writes them: what is saved is judged by the same form that is published.
  forms: 1.5,
  // How a file that somebody named is read, and a directory made, within limits.
  files: 1.5,
  model: 1,
};

const sharedInWinRm = ['abort-failure', 'effect', 'retries'].map((name) => `winrm/${name}.ts`);

/** What each room may import beside itself, as beginnings of paths under src/. The longest matching room counts. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  model: [],
  yaml: ['model/'],
  forms: ['model/'],
  files: ['model/'],
  windows: ['model/'],
  // What a step is and does is derived from its data by windows/steps.ts; how tables are judged is windows/verdict.ts alone.
  journal: ['forms/', 'files/', 'windows/steps.ts', 'windows/verdict.ts', 'model/'],
  report: ['model/'],
  // winrm/ from the bottom to the top; what its rooms share stands beside the doors (tries, effect, interruption).
  'winrm/soap': ['model/failure.ts', 'model/cim.ts', 'model/text/'],
  'winrm/http': [...sharedInWinRm, 'files/', 'model/'],
  'winrm/auth': ['winrm/http/', ...sharedInWinRm, 'model/'],
  'winrm/channel': ['winrm/soap/', 'winrm/http/', 'winrm/auth/', ...sharedInWinRm, 'model/'],
  'winrm/shell': [
    'winrm/soap/',
    'winrm/channel/',
    'winrm/client-types.ts',
    'winrm/host.ts',
    ...sharedInWinRm,
    'model/',
  ],
  'winrm/cim': ['winrm/soap/', 'winrm/channel/', ...sharedInWinRm, 'model/'],
  winrm: ['winrm/', 'model/'],
  directory: ['winrm/http/', 'winrm/auth/', 'model/'],
  inventory: ['yaml/', 'files/', 'model/'],
  playbook: ['yaml/', 'files/', 'model/'],
  policy: ['playbook/schema.ts', 'playbook/moment.ts', 'yaml/', 'files/', 'model/'],
  facts: ['forms/', 'windows/', 'model/'],
  plan: ['forms/', 'windows/', 'model/'],
  // Who approved a plan is judged from what ssh-keygen said; it runs nothing and reads no file.
  approval: ['forms/', 'model/'],
  // What a plan or a journal is comes in as data; how an answer is judged is windows/verdict.ts alone, and what
  // undoes a command is windows/exclusion-commands.ts.
  run: ['facts/', 'windows/verdict.ts', 'windows/exclusion-commands.ts', 'model/'],
  // Never windows/: if the same code wrote an answer and read it, a wrong belief about Windows would pass every test. yaml/: a scenario
  // is a file that a person wrote, and is read with positions like an inventory and a playbook.
  lab: ['winrm/soap/', 'winrm/auth/', 'winrm/channel/sealed-body.ts', 'yaml/', 'model/'],
  // The use cases: through seams only. What a terminal, a report or the lab is, they do not know.
  workflows: [
    'run/',
    'facts/',
    'plan/',
    'approval/',
    'policy/',
    'inventory/',
    'playbook/',
    'directory/',
    'journal/',
    'windows/steps.ts',
    'windows/verdict.ts',
    'model/',
  ],
  // Plays a plan on simulated servers: the one use case that knows the lab, which a run of the real fleet never loads.
  'workflows/rehearse': ['workflows/', 'run/', 'journal/', 'lab/', 'model/'],
  cli: [''],
};

type Touch = 'files' | 'network' | 'processes' | 'clock' | 'random' | 'environment';

/** The files outside cli/ that may touch the world, what of it, and why. cli/ chooses the real parts and may touch all of it. */
const touches: readonly { readonly file: string; readonly what: readonly Touch[]; readonly why: string }[] = [
  { file: 'files/read-input.ts', what: ['files'], why: 'the one reader of files that an operator names' },
  { file: 'files/make-directory.ts', what: ['files'], why: "Node's own can hang" },
  { file: 'files/rename-file.ts', what: ['files'], why: 'Windows refuses it while somebody looks' },
  { file: 'policy/load.ts', what: ['files'], why: 'looks which policies are there' },
  { file: 'inventory/source-files.ts', what: ['files'], why: 'finds and reads what a person wrote' },
  { file: 'inventory/secrets/secrets.ts', what: [], why: 'gets the environment and the reading of files as arguments' },
  {
    file: 'journal/store.ts',
    what: ['files', 'random'],
    why: 'the journal is a file; two runs of one second need two names',
  },
  {
    file: 'journal/append.ts',
    what: ['files', 'random'],
    why: 'appends to the journal it was given, and flushes it; what a crash cut is kept under a name of its own',
  },
  { file: 'journal/head.ts', what: ['files'], why: 'the head of a chain is a file beside it' },
  {
    file: 'journal/observations/observation-store.ts',
    what: ['files', 'random'],
    why: 'histories are files; one that is being written has a name of its own',
  },
  {
    file: 'journal/outbox/outbox-files.ts',
    what: ['files', 'random'],
    why: 'letters are files; one that is being written has a name of its own',
  },
  { file: 'journal/outbox/outbox.ts', what: ['random'], why: 'what is set aside has a name of its own' },
  {
    file: 'journal/run-locks.ts',
    what: ['files', 'random'],
    why: 'locks are files; a file of its own name tells the time by which they are dated',
  },
  { file: 'journal/read.ts', what: ['files'], why: 'a journal is read in parts, for it may be as large as a fleet' },
  { file: 'journal/lock-holder.ts', what: ['files'], why: 'asks the system after a process' },
  {
    file: 'journal/take-run.ts',
    what: ['files', 'random'],
    why: 'a run from elsewhere becomes files, whole or not at all',
  },
  { file: 'journal/unlock.ts', what: ['files'], why: 'locks are files' },
  { file: 'journal/left/left-claims.ts', what: ['files'], why: 'locks are files, those that were taken away too' },
  {
    file: 'journal/lock.ts',
    what: ['files', 'clock', 'random'],
    why: 'locks are files of their own names; a rival is waited for a moment',
  },
  { file: 'journal/postgres/database.ts', what: ['network'], why: 'the only door to the database' },
  {
    file: 'journal/postgres/outbox.ts',
    what: ['random'],
    why: 'a process that takes a letter is told from all others by its id; what is set aside has a name of its own',
  },
  {
    file: 'journal/postgres/leases.ts',
    what: ['random'],
    why: 'a process, and each claim of it, is told from all others by its id',
  },
  {
    file: 'winrm/http/http-connection.ts',
    what: ['network', 'clock'],
    why: 'the only socket of the client; a request is measured',
  },
  {
    file: 'winrm/http/socket.ts',
    what: ['network'],
    why: 'one connection, TCP or TLS, with one time for all of it; http.ts asks it for one',
  },
  {
    file: 'winrm/http/reporting-lookup.ts',
    what: ['network'],
    why: 'resolves the name of a host, and tells what came of it',
  },
  { file: 'winrm/http/round-trip.ts', what: ['network'], why: 'requests over a socket that is handed in' },
  {
    file: 'winrm/http/tunnel.ts',
    what: ['network'],
    why: 'one CONNECT through a proxy, on a socket that is handed in',
  },
  {
    file: 'winrm/auth/kerberos.ts',
    what: ['files'],
    why: "looks whether the system's Kerberos library is there, and binds it",
  },
  {
    file: 'winrm/http/trust.ts',
    what: ['files', 'network'],
    why: 'looks for the authorities of the system and checks the name a certificate bears',
  },
  {
    file: 'directory/open-directory.ts',
    what: ['network'],
    why: 'puts TLS on a connection to a domain controller that has consented to it (StartTLS)',
  },
  {
    file: 'directory/connection.ts',
    what: ['network'],
    why: 'LDAP over a socket that is handed in',
  },
  {
    file: 'winrm/client.ts',
    what: ['clock', 'random'],
    why: 'the door for users of the library, who bring no clock or randomness of their own',
  },
  { file: 'lab/fleet.ts', what: ['network', 'clock', 'random'], why: 'the lab listens on loopback' },
  { file: 'lab/held-port.ts', what: ['network'], why: 'the lab holds ports on loopback' },
];

/** Circles between files that are still there. The list only shrinks: who opens a circle deletes its line. */
const knownCircles: readonly string[] = [];

/** Files side by side in one folder, at most; and the folders that still have more. The list only shrinks. */
const mostFiles = 20;
const knownCrowds: readonly string[] = [];

const modules: Readonly<Record<string, Touch>> = {
  'node:fs': 'files',
  'node:fs/promises': 'files',
  'node:net': 'network',
  'node:http': 'network',
  'node:https': 'network',
  'node:http2': 'network',
  'node:tls': 'network',
  'node:dns': 'network',
  'node:dns/promises': 'network',
  'node:dgram': 'network',
  'node:child_process': 'processes',
  'node:worker_threads': 'processes',
  pg: 'network',
};

const uses: readonly { readonly pattern: RegExp; readonly what: Touch }[] = [
  { pattern: /\bprocess\.env\b/g, what: 'environment' },
  { pattern: /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\.now\b/g, what: 'clock' },
  // Only where it is taken from the system: a function of that name may be handed in.
  {
    pattern:
      /\bMath\.random\b|\bcrypto\.\w+|\bimport\s*\{[^}]*\b(?:random\w+|webcrypto)\b[^}]*\}\s*from\s*'node:crypto'/g,
    what: 'random',
  },
];

interface Source {
  /** Under src/ or test/, with forward slashes. */
  readonly file: string;
  readonly text: string;
}

interface Import {
  readonly file: string;
  readonly line: number;
  /** A path under src/, or the name of a package. */
  readonly target: string;
}

const root = join(import.meta.dirname, '..');
const sources = readAll('src');
const imports = sources.flatMap(importsOf);

function readAll(folder: string): readonly Source[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.ts'))
    .map((file) => ({ file, text: readFileSync(join(root, folder, file), 'utf8') }));
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** Every import, export from, and import(), for types too. */
function importsOf({ file, text }: Source): readonly Import[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName, pos }) => ({
    file,
    line: lineOf(text, pos),
    target: fileName.startsWith('.') ? posix.join(posix.dirname(file), fileName) : fileName,
  }));
}

function roomOf(file: string): string {
  const [first = '', second = ''] = file.split('/');
  return Object.hasOwn(mayImport, `${first}/${second}`) ? `${first}/${second}` : first;
}

const inside = imports.filter((one) => sources.some((source) => source.file === one.target));

/** Files that import each other, directly or by way of others: strongly connected components with more than one file (Tarjan). */
function findCircles(all: readonly Import[]): readonly (readonly string[])[] {
  const targets = new Map(all.map(({ file }) => [file, all.filter((one) => one.file === file)]));
  const order = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];
  /** The lowest file in the order that `file` leads back to. */
  function visit(file: string): number {
    const mine = order.size;
    order.set(file, mine);
    stack.push(file);
    let lowest = mine;
    for (const { target } of targets.get(file) ?? []) {
      const known = order.get(target);
      if (known === undefined) lowest = Math.min(lowest, visit(target));
      else if (stack.includes(target)) lowest = Math.min(lowest, known);
    }
    if (lowest === mine) {
      const circle = stack.splice(stack.indexOf(file));
      if (circle.length > 1) circles.push(circle.sort());
    }
    return lowest;
  }
  for (const file of targets.keys()) if (!order.has(file)) visit(file);
  return circles;
}

/** By text: several tests look at the same code. */
const codes = new Map<string, string>();

/** The text without comments, line breaks kept. */
function codeOf(text: string): string {
  const known = codes.get(text);
  if (known !== undefined) return known;
  const scanner = ts.createScanner(ts.ScriptTarget.ES2023, false, ts.LanguageVariant.Standard, text);
  const tokens: string[] = [];
  for (let kind = scanner.scan(); kind !== ts.SyntaxKind.EndOfFileToken; kind = scanner.scan()) {
    const token = scanner.getTokenText();
    const isComment = kind === ts.SyntaxKind.SingleLineCommentTrivia || kind === ts.SyntaxKind.MultiLineCommentTrivia;
    tokens.push(isComment ? token.replaceAll(/[^\n]/g, ' ') : token);
  }
  const code = tokens.join('');
  codes.set(text, code);
  return code;
}

/** Whatever a file touches of the world, with the line. */
function touchesOf({
  file,
  text,
}: Source): readonly { readonly line: number; readonly what: Touch; readonly how: string }[] {
  const imported = imports.flatMap((one) => {
    const what = modules[one.target];
    return one.file === file && what !== undefined ? [{ line: one.line, what, how: one.target }] : [];
  });
  const code = codeOf(text);
  const used = uses.flatMap(({ pattern, what }) =>
    [...code.matchAll(pattern)].map((match) => ({ line: lineOf(code, match.index), what, how: match[0] })),
  );
  return [...imported, ...used];
}

describe('imports', () => {
  test('are read: every room imports something of the model', () => {
    const readers = new Set(inside.filter((one) => one.target.startsWith('model/')).map((one) => roomOf(one.file)));
    expect([...readers]).toEqual(expect.arrayContaining(Object.keys(mayImport)));
  });

  test('every room is in the tables', () => {
    const unknown = sources.map((one) => one.file).filter((file) => floors[file.split('/')[0] ?? ''] === undefined);
    expect(unknown).toEqual([]);
  });

  test('between rooms are those of the table', () => {
    const breaches = inside.flatMap(({ file, line, target }) => {
      const room = roomOf(file);
      if (roomOf(target) === room) return [];
      const allowed = mayImport[room] ?? [];
      if (allowed.some((beginning) => target.startsWith(beginning))) return [];
      return [`src/${file}:${line} imports ${target}; ${room}/ may import ${allowed.join(', ') || 'nothing'}`];
    });
    expect(breaches).toEqual([]);
  });

  test('go downwards only', () => {
    const breaches = inside.flatMap(({ file, line, target }) => {
      const [from = '', to = ''] = [file.split('/')[0], target.split('/')[0]];
      const isDown = from === to || (floors[from] ?? 0) > (floors[to] ?? 0);
      return isDown
        ? []
        : [
            `src/${file}:${line} imports ${target}: floor ${floors[from] ?? '?'} may not look up to floor ${floors[to] ?? '?'}`,
          ];
    });
    expect(breaches).toEqual([]);
  });

  test('in a circle would be found', () => {
    const arrows = ['ab', 'bc', 'ca', 'cd', 'de', 'ed', 'ff', 'fg'].map(([file = '', target = '']) => ({
      file,
      target,
      line: 1,
    }));
    expect(findCircles(arrows)).toEqual([
      ['d', 'e'],
      ['a', 'b', 'c'],
    ]);
  });

  test('of what does not exist there are none', () => {
    const breaches = imports
      .filter((one) => one.target.endsWith('.ts') && !inside.includes(one))
      .map(({ file, line, target }) => `src/${file}:${line} imports ${target}, which is no file of src/`);
    expect(breaches).toEqual([]);
  });

  test('close no circle between files, types included, but the known ones', () => {
    const circles = findCircles(inside).map((files) => files.toSorted().join(', '));
    expect(circles.filter((one) => !knownCircles.includes(one))).toEqual([]);
    // A circle that is open now is deleted from the list above.
    expect(knownCircles.filter((one) => !circles.includes(one))).toEqual([]);
  });

  test('of the model leave the folder not even for a package', () => {
    const breaches = imports
      .filter((one) => one.file.startsWith('model/') && !one.target.startsWith('model/'))
      .map(({ file, line, target }) => `src/${file}:${line} imports ${target}; the words import nothing`);
    expect(breaches).toEqual([]);
  });
});

describe('the world', () => {
  const listed = new Map(touches.map((one) => [one.file, one]));

  test('is touched by the files of the list only', () => {
    const breaches = sources
      .filter(({ file }) => !file.startsWith('cli/'))
      .flatMap((source) =>
        touchesOf(source)
          .filter(({ what }) => listed.get(source.file)?.what.includes(what) !== true)
          .map(
            ({ line, what, how }) =>
              `src/${source.file}:${line} uses ${how}: it may not touch ${what}; it gets it as an argument`,
          ),
      );
    expect(breaches).toEqual([]);
  });

  test('is touched by every file of the list as it says', () => {
    const idle = touches.flatMap(({ file, what }) => {
      const source = sources.find((one) => one.file === file);
      if (source === undefined) return [`${file} is in the list and does not exist`];
      const real = new Set(touchesOf(source).map((one) => one.what));
      return what
        .filter((one) => !real.has(one))
        .map((one) => `${file} is in the list for ${one} and does not touch it`);
    });
    expect(idle).toEqual([]);
  });
});

describe('telemetry', () => {
  test('is OpenTelemetry in cli/telemetry/ only, and none of it is loaded before it is asked for', () => {
    const importers = imports.filter((one) => one.target.startsWith('@opentelemetry/')).map((one) => one.file);
    expect(importers.filter((file) => !file.startsWith('cli/telemetry/'))).toEqual([]);
    const loaded = new Set(importers);
    const early = sources.flatMap(({ file, text }) =>
      [...codeOf(text).matchAll(/^import (?!type\b)[^;]*? from '\.\/(?<name>[^']+)';/gm)].flatMap(({ groups }) => {
        const target = posix.join(posix.dirname(file), groups?.['name'] ?? '');
        return loaded.has(target) && !loaded.has(file) ? [`${file} imports ${target}`] : [];
      }),
    );
    expect(early).toEqual([]);
  });
});

describe('what is printed', () => {
  // A renderer that writes past the guarded streams would show what a host said as it is (cli/io/colours.ts).
  test('goes through the streams of cli/io/, which make it safe to look at', () => {
    const breaches = sources
      .filter(({ file }) => !file.startsWith('cli/io/'))
      .flatMap(({ file, text }) => {
        const code = codeOf(text);
        const found = [
          ...code.matchAll(/\bprocess\.std(?:out|err)\.write\b|\bconsole\.(?:log|info|warn|error|debug)\b/g),
        ];
        return found.map((match) => `src/${file}:${lineOf(code, match.index)} uses ${match[0]}`);
      });
    expect(breaches).toEqual([]);
  });
});

describe('names and manners', () => {
  test('no drawer is called utils, helpers, common or index', () => {
    const drawers = [...sources, ...readAll('test')]
      .map((one) => one.file)
      .filter((file) => /(^|\/)(utils?|helpers?|common|index)(\/|\.ts$)/.test(file));
    expect(drawers).toEqual([]);
  });

  test('the top level has the layout that users know and what tools insist on there, and nothing that was left lying', () => {
    const layout = ['package.json', 'tsconfig.json', 'src', 'inventory', 'playbooks', 'test', 'README.md', 'docs'];
    const tools = ['package-lock.json', 'LICENSE', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'Dockerfile'];
    const made = ['dist', 'node_modules', 'coverage', 'sbom.cdx.json'];
    const known = [...layout, ...tools, 'eslint.config.js', 'vitest.config.ts', ...made];
    const others = readdirSync(root).filter((name) => !/^\.|\.tgz$/.test(name) && !known.includes(name));
    expect(others).toEqual([]);
  });

  test('no folder has more files side by side than one can read at a glance, but the known ones', () => {
    const folders = sources.map(({ file }) => posix.dirname(file));
    const crowds = [...new Set(folders)].filter((folder) => {
      return folders.filter((one) => one === folder).length > mostFiles;
    });
    expect(crowds.filter((one) => !knownCrowds.includes(one))).toEqual([]);
    // A folder that has become small enough is deleted from the list above.
    expect(knownCrowds.filter((one) => !crowds.includes(one))).toEqual([]);
  });

  test('a document as long as the fleet waits for its reader: no command writes one part after the other itself', () => {
    const breaches = sources.flatMap(({ file, text }) => {
      const found = [...codeOf(text).matchAll(/\bfor \([^\n]*\bworld\.out\(/g)];
      return found.map((match) => `src/${file}:${lineOf(codeOf(text), match.index)}: use world.outParts`);
    });
    expect(breaches).toEqual([]);
  });

  test('no test is left out or alone, and no module is replaced', () => {
    const breaches = readAll('test').flatMap(({ file, text }) => {
      const code = codeOf(text);
      const found = [...code.matchAll(/\b(?:test|it|describe)\.(?:skip|only|todo)\b|\bvi\.(?:mock|doMock)\b/g)];
      return found.map((match) => `test/${file}:${lineOf(code, match.index)} has ${match[0]}`);
    });
    expect(breaches).toEqual([]);
  });

  test('no test has a shorter limit of its own: the limits of vitest.config.ts are for a hang, on a machine that is busy', () => {
    const limits = [
      { pattern: /\btestTimeout:/, leastMs: Infinity },
      // Of the test or its group, then of what it waits for.
      {
        pattern: /^\s*\{ timeout: ([\d_]+) \},$|^\s*\}, ([\d_]{4,})\);$|, \{ timeout: ([\d_]+) \}, /,
        leastMs: 600_000,
      },
      { pattern: /\btimeout: ([\d_]+)/, leastMs: 60_000 },
    ];
    const tooShort = readAll('test')
      .filter(({ file }) => file.endsWith('.test.ts') && file !== 'architecture.test.ts')
      .flatMap(({ file, text }) =>
        text.split('\n').flatMap((line, index) =>
          limits.some(({ pattern, leastMs }) => {
            const found = pattern.exec(line);
            return found !== null && Number(found.slice(1).join('').replaceAll('_', '')) < leastMs;
          })
            ? [`${file}:${String(index + 1)}: ${line.trim()}`]
            : [],
        ),
      );
    expect(tooShort).toEqual([]);
  });

  test('no test is held against the clock but by expectBounded: a machine may be busy', () => {
    const timed = readAll('test')
      .filter(({ file }) => file.endsWith('.test.ts') && file !== 'architecture.test.ts')
      .flatMap(({ file, text }) =>
        [...text.matchAll(/\b(?:performance|Date)\.now\(\) - \w+\)\.toBeLess|\btook\w*\)\.toBeLess/g)].map(
          (match) => `test/${file}:${lineOf(text, match.index)}: ${match[0]}`,
        ),
      );
    expect(timed).toEqual([]);
  });

  test('every file of src/ begins with a comment that says what it is; a command says so in its own help', () => {
    const silent = sources
      .filter(({ file }) => !file.startsWith('cli/commands/'))

      .filter(({ text }) => !text.startsWith('//') && !text.startsWith('#!'))
      .map((one) => one.file);
    expect(silent).toEqual([]);
  });
});
