/** CSV as RFC 4180 has it: quotes, doubled quotes, CRLF or LF; blank lines are passed over. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  const endRow = (): void => {
    row.push(field);
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
    field = '';
  };
  const input = text.replace(/^\uFEFF/, '');
  for (let at = 0; at < input.length; at++) {
    const char = input[at]!;
    if (quoted) {
      if (char !== '"') field += char;
      else if (input[at + 1] === '"') { field += '"'; at++; } else quoted = false;
    } else if (char === '"' && field === '') quoted = true;
    else if (char === ',') { row.push(field); field = ''; } else if (char === '\n') endRow();
    else if (char !== '\r') field += char;
  }
  if (field !== '' || row.length > 0) endRow();
  return rows;
}
