// One page to look through all pictures: a row for each state and width, a column for each look.

import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const NAMED = /^(?<state>.+)-(?<width>narrow|medium|wide)-(?<look>.+)\.png$/;

/** Writes index.html beside the pictures; nothing in it is from elsewhere. */
export async function contactSheet(folder) {
  const rows = new Map();
  const looks = new Set();
  for (const file of (await readdir(folder)).sort()) {
    const { state, width, look } = NAMED.exec(file)?.groups ?? {};
    if (!state) continue;
    looks.add(look);
    const row = `${state}, ${width}`;
    rows.set(row, new Map(rows.get(row)).set(look, file));
  }
  const columns = ['light', 'dark', ...[...looks].filter((look) => look !== 'light' && look !== 'dark').sort()];
  const cells = (row) => columns.map((look) => (row.has(look) ? `<td><a href="${row.get(look)}"><img loading="lazy" alt="" src="${row.get(look)}"></a></td>` : '<td></td>')).join('');
  await writeFile(
    join(folder, 'index.html'),
    `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Doorkey in every state</title>
<style>
  body { margin: 24px; font: 14px/1.4 system-ui; background: #8a93a0; }
  th { position: sticky; top: 0; padding: 8px; background: #8a93a0; text-align: left; }
  td { padding: 4px 8px; vertical-align: top; }
  td:first-child { width: 9em; font-weight: 600; overflow-wrap: anywhere; }
  img { max-width: 320px; max-height: 420px; }
</style>
<input type="search" placeholder="part of a name" aria-label="Part of a name" oninput="for (const row of document.querySelectorAll('tbody tr')) row.hidden = !row.textContent.includes(this.value)">
<table>
<thead><tr><th></th>${columns.map((look) => `<th>${look}</th>`).join('')}</tr></thead>
<tbody>
${[...rows].map(([row, files]) => `<tr><td>${row}</td>${cells(files)}</tr>`).join('\n')}
</tbody>
</table>
`,
  );
}
