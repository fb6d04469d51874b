// Text to the bytes a console program writes on one code page. What the page lacks becomes `?`, as recorded over WinRM
// (windows.md section 5, wsman.md section 2.9). It decodes nothing.

/** Bytes 0x80-0xFF of the two OEM pages that the encoding standard of the web doesn't know. */
const codePage437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';
const codePage850 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0';

/** Pages whose tables the runtime knows under these names. */
const knownLabels: Readonly<Record<number, { readonly label: string; readonly doubleByte: boolean }>> = {
  866: { label: 'ibm866', doubleByte: false },
  1250: { label: 'windows-1250', doubleByte: false },
  1251: { label: 'windows-1251', doubleByte: false },
  1252: { label: 'windows-1252', doubleByte: false },
  932: { label: 'shift_jis', doubleByte: true },
  936: { label: 'gbk', doubleByte: true },
  949: { label: 'euc-kr', doubleByte: true },
  950: { label: 'big5', doubleByte: true },
};

type CodePageTable = ReadonlyMap<string, readonly number[]>;
const tables = new Map<number, CodePageTable>();

/** True for a page `chcp` would accept here. */
export function isCodePage(codePage: number): boolean {
  return codePage === 65001 || codePage === 437 || codePage === 850 || knownLabels[codePage] !== undefined;
}

/** The bytes of `text` on `codePage`; on an unknown page only ASCII survives. */
export function encodeText(text: string, codePage: number): Uint8Array {
  if (codePage === 65001) return Buffer.from(text, 'utf8');
  const table = findTable(codePage);
  const bytes: number[] = [];
  for (const letter of text) {
    const code = letter.codePointAt(0) ?? 0;
    if (code < 0x80) bytes.push(code);
    else bytes.push(...(table.get(letter) ?? [0x3f]));
  }
  return Uint8Array.from(bytes);
}

function findTable(codePage: number): CodePageTable {
  const made = tables.get(codePage) ?? makeTable(codePage);
  tables.set(codePage, made);
  return made;
}

function makeTable(codePage: number): CodePageTable {
  if (codePage === 437 || codePage === 850) {
    const letters = codePage === 437 ? codePage437 : codePage850;
    return new Map(Array.from(letters, (letter, index): [string, number[]] => [letter, [0x80 + index]]));
  }
  const known = knownLabels[codePage];
  const table = new Map<string, readonly number[]>();
  if (known === undefined) return table;
  const decoder = new TextDecoder(known.label);
  const note = (bytes: readonly number[]): void => {
    const letter = decoder.decode(Uint8Array.from(bytes));
    // One letter only: a lead byte that the pair does not complete decodes to more, or to U+FFFD.
    if (Array.from(letter).length === 1 && letter !== '\ufffd' && !table.has(letter)) table.set(letter, bytes);
  };
  for (let first = 0x80; first <= 0xff; first += 1) note([first]);
  if (!known.doubleByte) return table;
  for (let first = 0x81; first <= 0xfe; first += 1) {
    for (let second = 0x40; second <= 0xfe; second += 1) note([first, second]);
  }
  return table;
}
