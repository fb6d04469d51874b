// Colour as an argument: a renderer says what a word means where it writes it, the door decides whether and how that is painted.
// A colour takes no room: widths are counted without it (columns.ts).

export type Colour = 'good' | 'bad' | 'attention' | 'quiet' | 'strong';

export type Paint = (as: Colour, text: string) => string;

/** For a pipe, a file, a test. */
export const noPaint: Paint = (_, text) => text;

/** The text as a link to a file, where the terminal has links; it takes the room of the text. */
export type Link = (text: string, file: string) => string;
