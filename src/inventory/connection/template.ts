// Templates ({{ ... }}) in settings that are used here: they are not evaluated, so they are refused, with what to write instead.

/** What to write instead of a template, or null when the value has none. Never repeats the value. */
export function templateAdvice(value: unknown, setting: string): string | null {
  if (typeof value !== 'string' || !/\{\{|\{%/.test(value)) return null;
  if (setting !== 'password') return 'templates ({{ }}) are not supported; write the value itself';
  const name = /lookup\(\s*['"](?:ansible\.builtin\.)?env['"]\s*,\s*['"]([A-Za-z_][A-Za-z0-9_]*)['"]/.exec(value)?.[1];
  const instead = `winrm: { password: { env: ${name ?? 'NAME'} } }`;
  return `templates ({{ }}) are not evaluated here; write ${instead}${name === undefined ? ' or { file: PATH }' : ''}`;
}
