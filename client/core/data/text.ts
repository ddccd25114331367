/** Texts of files as they are compared: a name that two sites write with other bytes is one name. */

/** Composed as Unicode's NFC has it, blanks at both ends gone, each blank within a plain one. */
export function canonicalText(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[\u00a0\u2007\u2009\u202f]/g, ' ')
    .trim();
}

/** A text for a sentence: short, without line breaks. */
export function quoteText(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return `"${line.length > 40 ? `${line.slice(0, 40)}…` : line}"`;
}
