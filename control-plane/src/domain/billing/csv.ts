// Pure. CSV that spreadsheets read as what it is: RFC 4180 quoting, and no cell that they would run as a formula.

/** One line of CSV, with its line end. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/** One cell. What begins like a formula gets an apostrophe in front; plain numbers stay numbers, also below zero. */
export function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The records of a CSV text with the line each begins on; undefined where a quote is not closed. */
export function readCsv(text: string): { line: number; cells: string[] }[] | undefined {
  const records: { line: number; cells: string[] }[] = [];
  let at = text.startsWith('\ufeff') ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const record = { line, cells: [] as string[] };
    for (;;) {
      let cell = '';
      if (text[at] === '"') {
        for (at++; ; at++) {
          if (at >= text.length) return undefined;
          if (text[at] === '"') {
            if (text[at + 1] !== '"') break;
            at++;
          } else if (text[at] === '\n') line++;
          cell += text[at];
        }
        at++;
      }
      while (at < text.length && !',\r\n'.includes(text[at] ?? '')) cell += text[at++];
      record.cells.push(cell);
      if (text[at] !== ',') break;
      at++;
    }
    if (text[at] === '\r') at++;
    if (text[at] === '\n') at++;
    line++;
    if (record.cells.length > 1 || record.cells[0]?.trim() !== '') records.push(record);
  }
  return records;
}
