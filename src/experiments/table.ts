/** Names and values as lines of text. */
export function textTable(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join("\n");
}

/** Names and values as an HTML table. */
export function htmlTable(rows: readonly (readonly [string, string])[]): string {
  const lines = rows.map(
    ([name, value]) =>
      `<tr><th style="text-align:left">${escaped(name)}</th><td style="text-align:left">${escaped(value)}</td></tr>`,
  );
  return `<table>${lines.join("")}</table>`;
}

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
