// A line as it was sent, as a person would be shown it: programs by their names instead of their files. Written from what Windows
// understands, not from the code under test.

export function withPlainNames(line: string): string {
  return line.replaceAll(/%SystemRoot%\\System32\\([a-z]+)\.exe/g, '$1');
}
