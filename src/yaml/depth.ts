// How deeply a YAML text is nested, looked at before it is parsed: the parser descends by recursion, and a text made for it exhausts the
// stack, at worst inside V8, which ends the process. It counts without reading: brackets that are open, and the columns before a line's text.

/** Levels, or columns of indentation, that a file of a person's hand never has. */
const deepest = 300;

/** Offset of the place where the text is nested too deeply; null when it is not. Takes one pass over the text. */
export function findTooDeep(text: string): number | null {
  let open = 0;
  let column = 0;
  let leading = true;
  for (let offset = 0; offset < text.length; offset += 1) {
    const letter = text[offset];
    if (letter === '[' || letter === '{') open += 1;
    else if ((letter === ']' || letter === '}') && open > 0) open -= 1;
    if (letter === '\n') {
      column = 0;
      leading = true;
    } else if (leading) {
      const next = text[offset + 1];
      const isIndicator = (letter === '-' || letter === '?' || letter === ':') && (next === ' ' || next === '\t');
      leading = letter === ' ' || letter === '\t' || isIndicator;
      column += 1;
    }
    if (open > deepest || (leading && column > deepest)) return offset;
  }
  return null;
}
