// Text that may hold what others wrote (answers of hosts, inventories, playbooks) -> text that no terminal, browser or CI runner obeys.
// It removes nothing: what would act or not be seen is shown as JSON writes it (\u001b), so that a JSON text stays the same document.
// Sources: Unicode general categories and Default_Ignorable_Code_Point; actions/runner ActionCommand.cs (`::` at the start of a line,
// `##[` anywhere); Azure Pipelines, logging commands; GitLab, custom collapsible sections.

/** Controls but the line end, format characters (bidi, zero width, tags), lone surrogates, line separators, what is drawn as nothing. */
const hidden = /[^\n\P{Cc}]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}]/gu;
/** `##[...]`, `##vso[...]`, `##teamcity[...]`: the second `#`. */
const bracketCommand = /(?<=#)#(?=(?:vso|teamcity)?\[)/gi;
/** `section_start:TIME:NAME`: the first `:`. */
const sectionMarker = /(?<=section_(?:start|end)):/g;
/** `::name::`, behind blanks or not: the second `:`. */
const lineCommand = /(?<=^[^\S\n]*:):/gm;

export function visibleText(text: string): string {
  // Most text has none of it, and a report may be of many megabytes.
  let shown = text;
  if (/[^\n -~]/.test(shown)) shown = shown.replaceAll(hidden, escapeUnits);
  if (shown.includes('##')) shown = shown.replaceAll(bracketCommand, escapeUnits);
  if (shown.includes('section_')) shown = shown.replaceAll(sectionMarker, escapeUnits);
  if (shown.includes('::')) shown = shown.replaceAll(lineCommand, escapeUnits);
  return shown;
}

/** Each UTF-16 unit as `\u001b`. */
function escapeUnits(found: string): string {
  return Array.from({ length: found.length }, (_, index) => {
    return `\\u${found.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }).join('');
}
