/**
 * The part of the page with this `data-testid`: the code and the tests hold on to the same names.
 *
 * @throws {Error} When there is none, or one of another kind: the page and its code do not fit.
 */
export function part<Part extends Element>(name: string, kind: abstract new () => Part): Part {
  const found = document.querySelector(`[data-testid="${name}"]`);
  if (found instanceof kind) return found;
  throw new Error(`The page has no ${name} that is a ${kind.name}`);
}

export function button(name: string): HTMLButtonElement {
  return part(name, HTMLButtonElement);
}

export function input(name: string): HTMLInputElement {
  return part(name, HTMLInputElement);
}

/** Sets a text, if it is another: an unchanged one is not painted, nor read aloud, again. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A button that does nothing just now stays where the keyboard left it: `disabled` would lose the focus. */
export function setEnabled(element: HTMLButtonElement, enabled: boolean): void {
  element.setAttribute('aria-disabled', String(!enabled));
}

export function isEnabled(element: HTMLButtonElement): boolean {
  return element.getAttribute('aria-disabled') !== 'true';
}

type Attributes = Readonly<Record<string, string | number>>;

/** A new HTML element. Strings become text, never markup. */
export function html<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  return fill(document.createElement(name), attributes, children);
}

/** A new SVG element. */
export function svg<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): SVGElementTagNameMap[Name] {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);
}

function fill<Made extends Element>(
  element: Made,
  attributes: Attributes,
  children: readonly (Node | string)[],
): Made {
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}
