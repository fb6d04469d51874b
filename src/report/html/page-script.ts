// The script of the page, as a function that is written into it word for word: it must not use anything from outside itself. It shows
// rows as they are needed, fills a host when it is opened, filters, and unfolds everything for paper. It builds rows from text only;
// the one place that takes HTML is the host's detail, which was escaped when the page was made.
import type { PageData, PageRow } from './page-data.ts';
import type { PageElement, PageWindow } from './page-dom.ts';

export function runPage(window: PageWindow): void {
  /** Rows added at a time: more than a screen shows, few enough for one frame. */
  const portion = 50;
  /** So many hosts are unfolded for paper; more are printed as rows. */
  const unfoldedOnPaper = 200;

  const { document } = window;
  const find = (id: string): PageElement => {
    const found = document.getElementById(id);
    if (found === null) throw new Error(`no element ${id}`);
    return found;
  };
  const data = JSON.parse(find('fleet-data').textContent ?? '') as PageData;
  const list = find('hosts');
  const search = find('search');
  const group = find('group');
  const more = find('more');
  const status = find('status');
  const buttons = Array.from(document.querySelectorAll('button[data-standing]'));
  const haystacks = data.rows.map((row) =>
    [row.name, row.words, row.detail, row.system, ...row.groups].join('\n').toLowerCase(),
  );
  const chosen = new Set<string>();
  let matches: readonly PageRow[] = data.rows;
  let shown = 0;

  const element = (name: string, className: string, text: string): PageElement => {
    const made = document.createElement(name);
    made.className = className;
    made.textContent = text;
    return made;
  };

  const fill = (details: PageElement, row: PageRow): void => {
    if (details.children.length > 1) return;
    const body = element('div', 'body', '');
    body.innerHTML = row.places.map((place) => data.pieces[place] ?? '').join('');
    details.append(body);
  };

  const rowOf = (row: PageRow): PageElement => {
    const item = document.createElement('li');
    const details = document.createElement('details');
    const summary = document.createElement('summary');
    details.id = `host-${row.name}`;
    summary.append(
      element('span', `mark ${row.tone}`, row.words),
      element('span', 'name', row.name),
      element('span', 'system', row.system),
      element('span', 'why', row.detail),
    );
    details.append(summary);
    details.addEventListener('toggle', () => {
      if (details.open) fill(details, row);
    });
    item.append(details);
    return item;
  };

  const scrolled = new window.IntersectionObserver(
    (entries) => {
      if (entries.some((entry) => entry.isIntersecting)) showMore(portion);
    },
    { rootMargin: '600px' },
  );

  const showMore = (count: number): void => {
    const fragment = document.createDocumentFragment();
    for (const row of matches.slice(shown, shown + count)) fragment.append(rowOf(row));
    list.append(fragment);
    shown = Math.min(matches.length, shown + count);
    more.hidden = shown >= matches.length;
    // Observed again, it reports even where it is still in sight, as on a tall screen.
    scrolled.unobserve(more);
    if (!more.hidden) scrolled.observe(more);
  };

  const filter = (): void => {
    const words = search.value
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    const desiredGroup = group.value;
    matches = data.rows.filter(
      (row, index) =>
        (chosen.size === 0 || chosen.has(row.standing)) &&
        (desiredGroup === '' || row.groups.includes(desiredGroup)) &&
        words.every((word) => haystacks[index]?.includes(word) === true),
    );
    shown = 0;
    list.replaceChildren();
    showMore(portion);
    const total = data.rows.length;
    status.textContent = matches.length === total ? `All ${total} hosts` : `${matches.length} of ${total} hosts match`;
  };

  const open = (name: string): void => {
    if (!data.rows.some((row) => row.name === name)) return;
    if (document.getElementById(`host-${name}`) === null) {
      search.value = name;
      filter();
    }
    const details = document.getElementById(`host-${name}`);
    if (details === null) return;
    details.open = true;
    details.scrollIntoView();
    details.querySelector('summary')?.focus();
  };

  const openNamed = (): void => {
    if (window.location.hash.startsWith('#host-')) open(decodeURIComponent(window.location.hash.slice(6)));
  };

  for (const button of buttons) {
    button.addEventListener('click', () => {
      const standing = button.dataset['standing'] ?? '';
      if (!chosen.delete(standing)) chosen.add(standing);
      button.setAttribute('aria-pressed', String(chosen.has(standing)));
      filter();
    });
  }
  search.addEventListener('input', filter);
  group.addEventListener('change', filter);
  find('more-button').addEventListener('click', () => {
    showMore(portion);
  });
  find('unfold').addEventListener('click', () => {
    const all = Array.from(list.querySelectorAll('details'));
    const unfold = all.some((one) => !one.open);
    for (const one of all) one.open = unfold;
  });
  find('reset').addEventListener('click', () => {
    chosen.clear();
    search.value = '';
    group.value = '';
    for (const button of buttons) button.setAttribute('aria-pressed', 'false');
    filter();
  });

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isTyping = event.target.matches('input, select, textarea');
    if (event.key === '/' && !isTyping) {
      event.preventDefault();
      search.focus();
    } else if (event.key === 'Escape' && event.target === search) {
      search.value = '';
      filter();
    } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && event.target.matches('#hosts summary')) {
      const item = event.target.closest('li');
      const next = event.key === 'ArrowDown' ? item?.nextElementSibling : item?.previousElementSibling;
      event.preventDefault();
      next?.querySelector('summary')?.focus();
    }
  });

  let unfolded: readonly PageElement[] = [];
  window.addEventListener('beforeprint', () => {
    showMore(matches.length);
    if (matches.length > unfoldedOnPaper) return;
    unfolded = Array.from(list.querySelectorAll('details')).filter((one) => !one.open);
    for (const [index, details] of Array.from(list.querySelectorAll('li > details')).entries()) {
      const row = matches[index];
      if (row !== undefined) fill(details, row);
    }
    for (const details of unfolded) details.open = true;
  });
  window.addEventListener('afterprint', () => {
    for (const details of unfolded) details.open = false;
    unfolded = [];
  });
  window.addEventListener('hashchange', openNamed);

  filter();
  openNamed();
}
