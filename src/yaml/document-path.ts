// Where a value is in a document: the type that the reader, its locator and every message share. It finds nothing.

/** Keys and list indexes from the top of the document down: `['exclusions', 0, 'port']`. */
export type DocumentPath = readonly (string | number)[];
