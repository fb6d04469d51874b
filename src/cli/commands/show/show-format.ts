// The names of the formats of `show`, apart from their writers so that --help loads none of them.

export const showFormats = ['text', 'html', 'json'] as const;
export type ShowFormat = (typeof showFormats)[number];
