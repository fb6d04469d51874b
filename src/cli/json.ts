// What --json prints: one document, with the name and version of its form first. New keys may be added within a version.

export function jsonDocument(kind: string, body: object): string {
  return `${JSON.stringify({ schema: `fencepost/${kind}`, version: 1, ...body }, null, 2)}\n`;
}
