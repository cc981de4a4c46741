import { button, setText } from './dom.js';

const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

const KEY = 'jetsocket-demo-theme';

/**
 * Follows the system, unless the visitor says otherwise, and remembers what she said. A page around this one says by
 * `?theme=dark` what it looks like itself.
 */
export function setUpTheme(): void {
  const toggle = button('theme');
  const asked = new URLSearchParams(location.search).get('theme') ?? read();
  let theme = THEMES.find((one) => one === asked) ?? 'system';
  const show = (): void => {
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
    setText(toggle, `Theme: ${theme}`);
  };
  toggle.addEventListener('click', () => {
    theme = after(theme);
    write(theme);
    show();
  });
  show();
}

function after(theme: Theme): Theme {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
}

/** A browser that keeps nothing for a page throws: the choice lasts as long as the page then. */
function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function write(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // As above.
  }
}
