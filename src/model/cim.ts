// CIM as it comes over WS-Management: instances of classes, all values as text. Which property is a number or a boolean only the class
// knows, so nothing is converted here. Words only.

/** A value: text; null where the host says there is none; several for an array (an array of one comes as the one); an embedded object. */
export type CimValue = string | null | CimObject | readonly CimValue[];

/** Properties by name, as the host writes them. */
export interface CimObject {
  readonly [property: string]: CimValue;
}

/** Instances of one class, or what a WQL query selects. */
export interface CimQuestion {
  /** `root/cimv2`, with slashes. */
  readonly namespace: string;
  /** `select Name, State from Win32_Service where Name = 'W3SVC'` */
  readonly wql: string;
}

/** A text as a literal in a WQL query, quotes included, so that no name can be more than a name. */
export function quoteWql(text: string): string {
  return `'${text.replace(/[\\']/g, (found) => `\\${found}`)}'`;
}
