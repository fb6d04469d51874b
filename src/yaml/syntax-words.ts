// What is wrong with a YAML text, in words that never repeat the text: an unquoted password may begin with `*`, `&` or `!`,
// and the parser's own message would print it. The position says where to look.
import type { YAMLError } from 'yaml';

const wordsByCode: Partial<Record<YAMLError['code'], string>> = {
  ALIAS_PROPS: 'an alias (*name) takes no tag and no anchor',
  BAD_ALIAS: 'this alias has no anchor before it; a value that starts with * or & must be quoted',
  BAD_COLLECTION_TYPE: 'this tag does not fit its value',
  BAD_DIRECTIVE: 'unknown directive; a value that starts with % must be quoted',
  BAD_DQ_ESCAPE: 'invalid escape in double quotes; write a backslash as \\\\, or use single quotes',
  BAD_INDENT: 'wrong indentation: it must match the lines above',
  BAD_PROP_ORDER: 'a tag or an anchor must come right before its value',
  BAD_SCALAR_START: 'a value that starts with @, ` or another reserved character must be quoted',
  BLOCK_AS_IMPLICIT_KEY: 'second colon on this line; a value that contains ": " must be quoted',
  BLOCK_IN_FLOW: 'an indented block is not allowed inside { } or [ ]',
  KEY_OVER_1024_CHARS: 'this key is longer than 1024 characters',
  MULTILINE_IMPLICIT_KEY: 'a key and its colon must be on one line',
  MULTIPLE_ANCHORS: 'a value takes one anchor (&name)',
  MULTIPLE_DOCS: 'a second document starts here (---); a file may contain only one',
  MULTIPLE_TAGS: 'a value takes one tag',
  RESOURCE_EXHAUSTION: 'nested too deeply',
  TAB_AS_INDENT: 'a tab is used as indentation; use spaces',
  TAG_RESOLVE_FAILED: 'unknown tag; a value that starts with ! must be quoted',
};

/** Parser messages that are wholly the parser's own words, and what they mean. */
const wordsByMessage: readonly (readonly [RegExp, string])[] = [
  [/^Missing closing ['"]quote$/, 'the closing quote is missing'],
  [/^Missing , (or : )?between /, 'a comma (or a colon) is missing between two items'],
  [/^Missing space after :/, 'a space is missing after the colon'],
  [/must be sufficiently indented|must end with a/, 'the closing } or ] is missing, or not indented enough'],
  [/^Implicit map keys need to be followed/, 'a colon is missing after this key'],
  [/^Sequence item without -/, 'a list item must start with "- "'],
  [/^Comments must be separated/, 'a space is missing before the #'],
  [/^Unexpected (,|empty item)/, 'an item is missing next to a comma'],
];

/** One sentence for one fault of the parser. */
export function describeSyntaxFault(fault: YAMLError): string {
  if (fault.code === 'TAG_RESOLVE_FAILED' && fault.message.includes('!vault')) {
    return 'values encrypted by ansible-vault are supported in inventories only';
  }
  const known = wordsByMessage.find(([pattern]) => pattern.test(fault.message));
  return known?.[1] ?? wordsByCode[fault.code] ?? 'not valid here; check the quotes and the indentation above';
}
