/** Addresses: everything is relative to the page's base, so any base path works. */

/** The absolute address of a path relative to the base; an absolute path or address is kept. */
export function address(path: string): string {
  return new URL(path, document.baseURI).href;
}

/** The base path, with a slash at its end. */
export function basePath(): string {
  return new URL('.', document.baseURI).pathname;
}
