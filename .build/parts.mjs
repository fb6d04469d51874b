// Which parts dist/ is loaded in. Without this esbuild makes a file of each `import('./x.ts')` and of each set of modules that the same of
// them share: a command loaded 160 files, a third of its start. Packages that are imported late stay files of their own.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/**
 * What is seldom loaded, or alone, by the end of its path; all else is one part, for the commands that talk to hosts load most of it. Each
 * part more makes more files that are shared.
 */
const apart = [
  ['mail', /\/send-mail\.ts$/],
  ['telemetry', /\/send-(?:traces|metrics)\.ts$/],
  ['lab', /\/(?:lab-files|demo|show-rehearsal)\.ts$/],
  ['failure', /\/(?:yaml\/nearest|failure-text|source-lines)\.ts$/],
  ['explain', /\/(?:explanations|explanation-text)\.ts$/],
  [
    'setup',
    /\/(?:completion-text|completion-scripts|install-completion|show-schemas|starter-text|guess-domain|starter-files)\.ts$/,
  ],
];
/** Small, and wanted by nearly all: they go where whoever imports them is. */
const within = /\/cli\/(?:json|exit-codes|io\/(?:standard-streams|terminal|colours))\.ts$/;
const lateImport = /import\('(\.[^']+\.ts)'\)/g;

/** A plugin that makes every late import of src/ one of its part, run when it is asked for as before. */
export function gatherParts(root) {
  const folder = join(root, 'src');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((one) => one.endsWith('.ts'));
  const late = new Set();
  for (const file of files) {
    const path = join(folder, file);
    for (const [, to] of readFileSync(path, 'utf8').matchAll(lateImport)) late.add(join(dirname(path), to));
  }
  const targets = [...late].toSorted();
  const partOf = (path) => apart.find(([, pattern]) => pattern.test(path))?.[0] ?? 'everyday';
  return {
    name: 'gather-parts',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^part:/ }, ({ path }) => ({ path: path.slice('part:'.length), namespace: 'part' }));
      onLoad({ filter: /.*/, namespace: 'part' }, ({ path: part }) => ({
        resolveDir: root,
        contents: targets
          .map((path, index) => ({ path: `./${relative(root, path)}`, index }))
          .filter(({ path }) => partOf(path) === part && !within.test(path))
          .map(({ path, index }) => `export const load${index} = () => require(${JSON.stringify(path)});`)
          .join('\n'),
      }));
      onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => {
        if (!path.startsWith(folder)) return undefined;
        const contents = readFileSync(path, 'utf8').replaceAll(lateImport, (written, to) => {
          const target = join(dirname(path), to);
          if (within.test(target)) return `Promise.resolve().then(() => require('${to}'))`;
          return `import('part:${partOf(target)}').then((part) => part.load${targets.indexOf(target)}())`;
        });
        return { contents, loader: 'ts' };
      });
    },
  };
}
