// A Failure's message never holds its place: `where` is a field, and each renderer says it once. Read from the sources.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const folder = join(import.meta.dirname, '../src');

interface Repeated {
  readonly line: number;
  readonly where: string;
}

/** Every `new Failure(code, message, { where })` whose message is a template with the expression of `where` in it. */
function findRepeatedPlaces(text: string): readonly Repeated[] {
  // Most files have none, and parsing them all takes seconds.
  if (!text.includes('new Failure(') || !text.includes('where')) return [];
  const file = ts.createSourceFile('source.ts', text, ts.ScriptTarget.ES2023, true);
  const templates = new Map<string, ts.Expression>();
  const found: Repeated[] = [];
  const visit = (node: ts.Node): void => {
    // A message may be worded a few lines above: `const message = ...`.
    if (ts.isVariableDeclaration(node) && node.initializer !== undefined) {
      templates.set(node.name.getText(), node.initializer);
    }
    if (ts.isNewExpression(node) && node.expression.getText() === 'Failure') {
      const [, given, details] = node.arguments ?? [];
      const message = given !== undefined && ts.isIdentifier(given) ? templates.get(given.text) : given;
      const where = details === undefined ? null : whereIn(details);
      if (message !== undefined && where !== null && insertsOf(message).includes(where)) {
        found.push({ line: file.getLineAndCharacterOfPosition(node.getStart()).line + 1, where });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function whereIn(details: ts.Expression): string | null {
  if (!ts.isObjectLiteralExpression(details)) return null;
  for (const property of details.properties) {
    if (property.name?.getText() !== 'where') continue;
    if (ts.isPropertyAssignment(property)) return property.initializer.getText();
    if (ts.isShorthandPropertyAssignment(property)) return 'where';
  }
  return null;
}

/** The expressions in `${}`, in every template of the expression. */
function insertsOf(message: ts.Expression): readonly string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTemplateSpan(node)) found.push(node.expression.getText());
    ts.forEachChild(node, visit);
  };
  visit(message);
  return found;
}

test('no message of a Failure holds its place', () => {
  const breaches = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) =>
      findRepeatedPlaces(readFileSync(join(folder, name), 'utf8')).map(
        ({ line, where }) => `src/${name}:${line}: the message holds its place, ${where}`,
      ),
    );
  expect(breaches).toEqual([]);
});

test.each([
  ["new Failure('a/b', `${where}: no answer`, { where })", 1],
  ["new Failure('a/b', `the file ${file} is empty`, { hint: null, where: file })", 1],
  ["const message = `${one.host}: late`;\nthrow new Failure('a/b', message, { where: one.host })", 1],
  ["new Failure('a/b', code === 1 ? `${file} is there` : 'other', { where: file })", 1],
  ["new Failure('a/b', `no answer within ${ms} ms`, { where })", 0],
])('%s', (text, count) => {
  expect(findRepeatedPlaces(text)).toHaveLength(count);
});
