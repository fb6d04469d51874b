// The wording of each language, and which of two recorded variants a release prints. Data and one choice; the texts stand in
// phrases/, language by language, each with the recording it was taken from.
import type { Machine } from '../machine/machine.ts';
import { german } from './de.ts';
import { english } from './en.ts';
import { spanish } from './es.ts';
import { french } from './fr.ts';
import { italian } from './it.ts';
import { japanese } from './ja.ts';
import { korean } from './ko.ts';
import { brazilianPortuguese } from './pt-br.ts';
import { russian } from './ru.ts';
import type { Wording } from './wording.ts';
import { simplifiedChinese } from './zh-cn.ts';
import { traditionalChinese } from './zh-tw.ts';
import type { Language } from '../machine/releases.ts';

export const wordings: Readonly<Record<Language, Wording>> = {
  en: english,
  de: german,
  fr: french,
  es: spanish,
  ru: russian,
  ja: japanese,
  'zh-CN': simplifiedChinese,
  'zh-TW': traditionalChinese,
  ko: korean,
  'pt-BR': brazilianPortuguese,
  it: italian,
};

export function findWording(machine: Machine): Wording {
  return wordings[machine.language];
}

/**
 * The variant a release prints. Which release prints which is not recorded, only that hosts differ: from 2019 on the first,
 * before it the last, so that a fleet shows both.
 */
export function chooseVariant(machine: Machine, variants: readonly string[]): string {
  const chosen = machine.windows.build >= 17763 ? variants[0] : variants.at(-1);
  return chosen ?? '';
}

/** Fills `{name}` places of a phrase. */
export function fillPhrase(phrase: string, values: Readonly<Record<string, string | number>>): string {
  return phrase.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}
