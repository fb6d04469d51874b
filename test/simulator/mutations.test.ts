// Every mutation fits its file as it is built for the simulator, once, and what comes of it can be read as JavaScript: so that a mend that
// moved is noticed here, and not by hand. Whether the simulator finds it is `npm run simulate:mutations`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { mutations } from './mutations.ts';

const src = join(import.meta.dirname, '..', '..', 'src');
const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
};

/** As `tsc` writes it: one file by itself, without its types. */
function build(file: string): string {
  const source = readFileSync(join(src, file.replace(/\.js$/, '.ts')), 'utf8');
  return ts.transpileModule(source, { compilerOptions: options }).outputText;
}

function findSyntaxErrors(source: string): readonly string[] {
  const { diagnostics = [] } = ts.transpileModule(source, {
    compilerOptions: { ...options, allowJs: true },
    fileName: 'mutant.js',
    reportDiagnostics: true,
  });
  return diagnostics.map((one) => ts.flattenDiagnosticMessageText(one.messageText, ' '));
}

/** Every name in it but those of fields: which there are is not known here. */
function listNames(code: string): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) names.add(node.text);
    if (ts.isPropertyAccessExpression(node)) visit(node.expression);
    else if (ts.isPropertyAssignment(node)) visit(node.initializer);
    else ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('built.js', code, ts.ScriptTarget.ES2023));
  return names;
}

test('no two mutations have one name', () => {
  const names = mutations.map((one) => one.name);
  expect(new Set(names).size).toBe(names.length);
});

describe('a mutation fits once:', () => {
  test.each(mutations)('$name', ({ file, from, to }) => {
    const built = build(file);
    expect(built.split(from).length - 1, `${from}\nin ${file}`).toBe(1);
    const mutant = built.replace(from, () => to);
    expect(mutant).not.toBe(built);
    expect(findSyntaxErrors(mutant)).toEqual([]);
    // A name that nothing has would be found by the first night, and prove nothing.
    const known = listNames(built);
    expect([...listNames(mutant)].filter((one) => !known.has(one) && !/^(?:Promise|part)$/.test(one))).toEqual([]);
  });
});
