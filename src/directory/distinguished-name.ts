// Distinguished names as lists of their parts, from the entry upwards. PURE. Source: RFC 4514 (section 2.4 for the escapes).

export interface NamePart {
  /** `cn`, in lower case. */
  readonly type: string;
  readonly value: string;
}

export function readDistinguishedName(text: string): readonly NamePart[] {
  return splitUnescaped(text, /[,;]/).flatMap((part) => {
    // Of several values in one part the first counts; no name that is read here has more.
    const [first = ''] = splitUnescaped(part, /\+/);
    const cut = first.indexOf('=');
    return cut < 0 ? [] : [{ type: first.slice(0, cut).trim().toLowerCase(), value: unescape(first.slice(cut + 1)) }];
  });
}

/** The value of the first part; null: there is none, or the object it names is deleted. */
export function readFirstName(text: string): string | null {
  const value = readDistinguishedName(text)[0]?.value ?? '';
  // What a deleted object is called has a line end in it: `EX01\0ADEL:GUID`.
  return value === '' || /\n(?:DEL|CNF):/.test(value) ? null : value;
}

/** `corp.example` of `DC=corp,DC=example`. */
export function readDomainName(text: string): string {
  return readDistinguishedName(text)
    .filter(({ type }) => type === 'dc')
    .map(({ value }) => value)
    .join('.')
    .toLowerCase();
}

function splitUnescaped(text: string, separator: RegExp): readonly string[] {
  const parts: string[] = [];
  let part = '';
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const letter = text[index] ?? '';
    if (letter === '\\') {
      part += letter + (text[index + 1] ?? '');
      index += 1;
    } else if (letter === '"') {
      quoted = !quoted;
      part += letter;
    } else if (!quoted && separator.test(letter)) {
      parts.push(part);
      part = '';
    } else part += letter;
  }
  return [...parts, part];
}

function unescape(text: string): string {
  const trimmed = text.trim().replace(/^"([\s\S]*)"$/, '$1');
  // Pairs of hex digits are bytes of UTF-8, and stand side by side where a letter has more than one.
  return trimmed.replaceAll(
    /((?:\\[\da-f]{2})+)|\\([\s\S])/gi,
    (_, bytes: string | undefined, letter: string | undefined) =>
      bytes === undefined ? (letter ?? '') : Buffer.from(bytes.replaceAll('\\', ''), 'hex').toString('utf8'),
  );
}
