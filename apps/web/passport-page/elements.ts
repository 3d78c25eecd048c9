// Elements out of texts, never out of markup: the page forbids itself to turn a text into HTML (Trusted Types).

export type Content = string | Node;

export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  look: string,
  ...content: readonly Content[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  if (look !== '') made.className = look;
  made.append(...content);
  return made;
}

/** @throws Error when the page has no such element */
export function found<Kind extends HTMLElement>(id: string): Kind {
  const here = document.getElementById(id);
  if (here === null) throw new Error(`the page has no element ${id}`);
  return here as Kind;
}

export function table(caption: string, heads: readonly string[], rows: readonly (readonly Content[])[]): HTMLElement {
  const head = heads.map((words) => {
    const cell = element('th', '', words);
    cell.scope = 'col';
    return cell;
  });
  return element(
    'table',
    '',
    element('caption', 'sub', caption),
    element('thead', '', element('tr', '', ...head)),
    element('tbody', '', ...rows.map((cells) => element('tr', '', ...cells.map((cell) => element('td', '', cell))))),
  );
}

export function folded(title: string, ...content: readonly Content[]): HTMLElement {
  return element('details', '', element('summary', '', title), ...content);
}
