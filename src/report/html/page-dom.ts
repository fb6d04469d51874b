// The part of a browser that the page's script uses, as types of its own: the product is compiled for Node, whose types know no
// document. Names and meanings are the DOM standard's.

export interface PageElement {
  textContent: string | null;
  className: string;
  innerHTML: string;
  value: string;
  open: boolean;
  hidden: boolean;
  id: string;
  readonly isConnected: boolean;
  readonly children: ArrayLike<PageElement>;
  readonly parentElement: PageElement | null;
  readonly nextElementSibling: PageElement | null;
  readonly previousElementSibling: PageElement | null;
  readonly dataset: Record<string, string | undefined>;
  append(...nodes: readonly (PageElement | string)[]): void;
  replaceChildren(...nodes: readonly PageElement[]): void;
  setAttribute(name: string, value: string): void;
  getAttribute(name: string): string | null;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): ArrayLike<PageElement>;
  closest(selector: string): PageElement | null;
  matches(selector: string): boolean;
  focus(): void;
  scrollIntoView(): void;
  addEventListener(type: string, listener: (event: PageEvent) => void): void;
}

interface PageEvent {
  readonly key: string;
  readonly target: PageElement;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  preventDefault(): void;
}

export interface PageWindow {
  readonly document: {
    readonly activeElement: PageElement | null;
    getElementById(id: string): PageElement | null;
    createElement(name: string): PageElement;
    createDocumentFragment(): PageElement;
    querySelectorAll(selector: string): ArrayLike<PageElement>;
    addEventListener(type: string, listener: (event: PageEvent) => void): void;
  };
  readonly location: { readonly hash: string };
  readonly IntersectionObserver: new (
    callback: (entries: readonly { readonly isIntersecting: boolean }[]) => void,
    options: { readonly rootMargin: string },
  ) => { observe(element: PageElement): void; unobserve(element: PageElement): void };
  addEventListener(type: string, listener: () => void): void;
}
