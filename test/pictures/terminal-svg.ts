// What a terminal shows, as a small SVG: text in one font, our five colours, light or dark as the reader's system is. PURE; it runs nothing
// and knows only the colours that report/text/colour.ts paints with.

const lineHeight = 18;
const columnWidth = 8.43;
const margin = 14;
const titleHeight = 28;

const classes: Readonly<Record<string, string>> = { 1: 'b', 2: 'q', 31: 'r', 32: 'g', 33: 'y' };

/** `columns`: of the terminal; every line fits. */
export function drawTerminal(title: string, painted: string, columns: number): string {
  const lines = painted.trimEnd().split('\n');
  const width = Math.ceil(columns * columnWidth) + 2 * margin;
  const height = titleHeight + lines.length * lineHeight + margin;
  const drawn = lines.map((line, index) => {
    const y = titleHeight + (index + 1) * lineHeight - 4;
    return line === '' ? [] : [`<text x="${margin}" y="${y}" xml:space="preserve">${drawLine(line)}</text>`];
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<title>${escapeXml(title)}</title>
<style>
text{font:14px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#1f2328}
.f{fill:#f6f8fa;stroke:#d1d9e0}.d{fill:#d1d9e0}.b{font-weight:bold}.q{fill:#59636e}.r{fill:#b3261e}.g{fill:#116329}.y{fill:#7d4e00}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.f{fill:#0d1117;stroke:#3d444d}.d{fill:#3d444d}.q{fill:#9198a1}.r{fill:#ff7b72}.g{fill:#56d364}.y{fill:#e3b341}}
</style>
<rect class="f" x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8"/>
${[0, 1, 2].map((dot) => `<circle class="d" cx="${margin + 4 + dot * 16}" cy="15" r="5"/>`).join('')}
${drawn.flat().join('\n')}
</svg>
`;
}

/** Runs of one colour; nothing is laid out by hand, so that what is copied from the picture is the text. */
function drawLine(line: string): string {
  let style = '';
  return line
    .split(/\x1b\[([\d;]*)m/)
    .map((part, index) => {
      if (index % 2 === 0) return part === '' ? '' : drawPart(part, style);
      style = classes[part] ?? '';
      return '';
    })
    .join('');
}

function drawPart(text: string, style: string): string {
  return style === '' ? escapeXml(text) : `<tspan class="${style}">${escapeXml(text)}</tspan>`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
